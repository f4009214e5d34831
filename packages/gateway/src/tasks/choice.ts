/**
 * What a model's name may stand for: the tasks of the configuration, its teachers, and the students of the store.
 *
 * @module
 */
import type { Store } from '@kolben/store';
import { priceOf } from '../config/price-of.ts';
import type { Config } from '../config/schema.ts';
import { splitTeacher } from '../config/split-teacher.ts';
import { TokenEstimator } from '../ledger/token-estimator.ts';
import type { Provider } from '../upstream/provider.ts';
import type { Choice } from './match-target.ts';
import { studentName } from './model-names.ts';
import { type Target, targetOf } from './target.ts';
import type { Task } from './task.ts';

/** Targets kept, so that they need not be made again for each call. */
const mostKept = 1_000;

export interface ChoiceOptions {
  config: Config;
  tasks: ReadonlyMap<string, Task>;
  /** Those that can be asked. */
  providers: ReadonlyMap<string, Provider>;
  store: Pick<Store, 'students'>;
}

export function choiceOf({ config, tasks, providers, store }: ChoiceOptions): Choice {
  const known = new Map<string, Target>();
  return {
    tasks,
    teacher(name) {
      const before = known.get(name);
      if (before) return before;
      const [providerName, model] = splitTeacher(name);
      const provider = providers.get(providerName);
      const found = provider && priceOf(config.providers[providerName]!, model);
      if (!found) return undefined;
      const target: Target = {
        task: null,
        teachers: [{ provider, model, price: found.price }],
        estimator: new TokenEstimator(),
      };
      // Names come from outside, and the price package knows whole families of them.
      if (known.size < mostKept) known.set(name, target);
      return target;
    },
    async student(id) {
      const registered = await store.students.get(id);
      const task = registered && tasks.get(registered.task);
      if (!task) return undefined;
      const { directory, digest } = registered;
      return { ...targetOf(task), student: { id, directory, digest } };
    },
    teachers() {
      const ofTasks = [...tasks.values()].flatMap((task) => task.teachers);
      return [...providers.keys()].flatMap((provider) => {
        const { prices } = config.providers[provider]!;
        const named = ofTasks.filter((teacher) => teacher.provider.name === provider);
        const models = new Set([...Object.keys(prices), ...named.map(({ model }) => model)]);
        return [...models]
          .map((model) => ({ name: `${provider}/${model}`, provider }))
          .filter(({ name }) => this.teacher(name) !== undefined);
      });
    },
    async students() {
      const registered = await store.students.list();
      return registered
        .filter(({ task }) => tasks.has(task))
        .map(({ id, createdAt }) => ({
          name: studentName(id),
          created: Math.floor(createdAt.getTime() / 1000),
        }));
    },
  };
}
