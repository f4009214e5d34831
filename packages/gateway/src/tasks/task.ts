/**
 * The tasks of a configuration, each with what a call of it needs: its teacher, the price, the estimator.
 *
 * @module
 */
import { providerKeys } from '../config/provider-keys.ts';
import type { Price } from '../config/provider-schema.ts';
import { type Config, splitTeacher } from '../config/schema.ts';
import type { TaskConfig } from '../config/task-schema.ts';
import { TokenEstimator } from '../ledger/token-estimator.ts';
import type { Provider } from '../upstream/call-provider.ts';

export interface Task {
  name: string;
  config: TaskConfig;
  teacher: {
    provider: Provider;
    /** The model's name as the provider spells it. */
    model: string;
    price: Price;
  };
  estimator: TokenEstimator;
}

/** Where a provider that the gateway runs itself is asked. */
export interface ServedProvider {
  readonly url: string;
  readonly key: string;
}

/**
 * Tasks by name.
 *
 * @param served by provider, for each that names a folder and that a task's teacher belongs to
 * @throws ConfigError where a provider's key isn't in the environment
 */
export function tasksOf(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  served: ReadonlyMap<string, ServedProvider> = new Map(),
): ReadonlyMap<string, Task> {
  const keys = providerKeys(config, environment);
  const tasks = new Map<string, Task>();
  for (const [name, task] of Object.entries(config.tasks)) {
    const [providerName, model] = splitTeacher(task.teacher);
    const provider = config.providers[providerName]!;
    const own = served.get(providerName);
    const baseUrl = own?.url ?? provider.baseUrl!;
    tasks.set(name, {
      name,
      config: task,
      teacher: {
        provider: {
          name: providerName,
          url: new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`),
          key: own?.key ?? keys.get(providerName),
          timeoutMs: provider.timeoutMs,
          askForUsage: provider.streamUsage === 'ask',
        },
        model,
        price: provider.prices[model]!,
      },
      estimator: new TokenEstimator(),
    });
  }
  return tasks;
}
