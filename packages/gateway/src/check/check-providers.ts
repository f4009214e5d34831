/**
 * Tries each provider of a configuration with real calls.
 *
 * @module
 */
import { priceOf } from '../config/price-of.ts';
import type { Config } from '../config/schema.ts';
import { splitTeacher } from '../config/split-teacher.ts';
import { serveDecoder } from '../local/decoder-server.ts';
import { Connections } from '../upstream/connections.ts';
import { type Provider, providersOf } from '../upstream/provider.ts';
import { Upstream } from '../upstream/upstream.ts';
import { type Probe, probeModel } from './probe-model.ts';

export interface CheckedModel extends Probe {
  provider: string;
  model: string;
}

export interface CheckOptions {
  /** Providers to try; left out: all. */
  only?: readonly string[];
  /** One question to each and no more. */
  isQuick?: boolean;
  /** Where keys are looked up; left out, `process.env`. */
  environment?: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** Told of each as soon as it is known, in no order. */
  onChecked?: (checked: CheckedModel) => void;
}

/**
 * The model by which a provider is tried: the first that a task names, else the first with a price; undefined where the
 * configuration names none.
 */
export function modelToTry({ providers, tasks }: Config, provider: string): string | undefined {
  const named = Object.values(tasks)
    .flatMap(({ teacher, fallbacks }) => [teacher, ...fallbacks])
    .map(splitTeacher)
    .find(([name]) => name === provider);
  return named?.[1] ?? Object.keys(providers[provider]?.prices ?? {})[0];
}

/** All at once, for each is a server of its own. Never rejects for what is the matter with a provider. */
export async function checkProviders(config: Config, options: CheckOptions): Promise<CheckedModel[]> {
  const { signal, isQuick = false, onChecked } = options;
  const connections = new Connections();
  const upstream = new Upstream({
    connections,
    responseBytes: config.limits.responseBytes,
    log: { info() {}, warn() {}, error() {} },
  });
  const wanted = Object.keys(config.providers).filter((name) => options.only?.includes(name) ?? true);
  try {
    return await Promise.all(
      wanted.map(async (name) => {
        const checked = await checkOne(name);
        onChecked?.(checked);
        return checked;
      }),
    );
  } finally {
    connections.close();
  }

  async function checkOne(name: string): Promise<CheckedModel> {
    const settings = config.providers[name]!;
    const model = modelToTry(config, name);
    const not = (code: string, message: string): CheckedModel => ({
      ...{ provider: name, model: model ?? '', error: { code, message, detail: null } },
      ...{ latencyMs: null, features: null, cost: 0 },
    });
    if (model === undefined) {
      return not(
        'model_missing',
        'The configuration names no model of it: name one under prices, or in a task.',
      );
    }
    const own = settings.folder === undefined ? undefined : await served(settings.folder);
    if (own instanceof Error) return not('folder_unusable', own.message);
    try {
      // No task: a key that isn't there keeps nobody else from being tried.
      const alone = { ...config, tasks: {}, providers: { [name]: settings } };
      const environment = options.environment ?? process.env;
      const provider = providersOf(alone, environment, new Map(own && [[name, own]])).get(name);
      if (!provider) {
        const variable = settings.apiKeyEnv ?? '';
        return not('key_missing', `The environment variable ${variable} isn't set, or can't be a key.`);
      }
      const price = priceOf(settings, model)?.price ?? {
        inputPerMillion: 0,
        outputPerMillion: 0,
        currency: 'USD',
      };
      const once: Provider = { ...provider, retries: { ...provider.retries, times: 0 }, breaker: false };
      const probe = await probeModel(upstream, { provider: once, model, price }, signal, isQuick);
      return { provider: name, model, ...probe };
    } finally {
      await own?.close();
    }
  }
}

async function served(folder: string) {
  try {
    return await serveDecoder(folder);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
