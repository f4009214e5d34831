/**
 * A provider and a teacher as they are called: everything in them comes from the configuration and the environment.
 *
 * @module
 */
import type { Endpoint } from '@kolben/store';
import { providerKeys } from '../config/provider-keys.ts';
import type { BreakerSettings, Price, ProviderConfig, Retries } from '../config/provider-schema.ts';
import type { Config } from '../config/schema.ts';
import type { ReasoningSettings } from './reasoning.ts';

export interface Provider {
  name: string;
  /** Where each endpoint is asked. */
  urls: Readonly<Record<Endpoint, URL>>;
  /** Its key; undefined where it needs none. */
  key: string | undefined;
  /** Milliseconds. */
  timeouts: { connectMs: number; firstByteMs: number; silenceMs: number };
  retries: Retries;
  /** `false`: it is never left alone. */
  breaker: BreakerSettings | false;
  askForUsage: boolean;
  /** Undefined: nothing is known of it. */
  reasoning: ReasoningSettings | undefined;
}

/** A provider's model that answers. */
export interface Teacher {
  provider: Provider;
  /** The model's name as the provider spells it. */
  model: string;
  price: Price;
}

/** Whom to ask, in order; there is at least one. */
export type Teachers = readonly [Teacher, ...Teacher[]];

/** Where a provider that the gateway runs itself is asked. */
export interface ServedProvider {
  readonly url: string;
  readonly key: string;
}

/**
 * Providers by name: all that can be asked. One whose key isn't at hand can't, nor one whose folder isn't served.
 *
 * @param served by provider, those that name a folder
 * @throws ConfigError where a key that a task needs isn't in the environment
 */
export function providersOf(
  config: Config,
  environment: Readonly<Record<string, string | undefined>>,
  served: ReadonlyMap<string, ServedProvider> = new Map(),
): ReadonlyMap<string, Provider> {
  const keys = providerKeys(config, environment);
  const providers = new Map<string, Provider>();
  for (const [name, settings] of Object.entries(config.providers)) {
    const own = served.get(name);
    const baseUrl = own?.url ?? settings.baseUrl;
    const key = own?.key ?? keys.get(name);
    if (baseUrl === undefined || (settings.apiKeyEnv !== undefined && key === undefined)) continue;
    providers.set(name, providerAt(name, baseUrl, key, settings));
  }
  return providers;
}

function providerAt(
  name: string,
  baseUrl: string,
  key: string | undefined,
  settings: ProviderConfig,
): Provider {
  const { timeouts, timeoutMs } = settings;
  const at = (path: string) => new URL(`${baseUrl.replace(/\/+$/, '')}/${path}`);
  return {
    name,
    urls: { chat: at('chat/completions'), embeddings: at('embeddings'), responses: at('responses') },
    key,
    timeouts: {
      connectMs: timeouts.connectMs,
      firstByteMs: timeouts.firstByteMs ?? timeoutMs,
      silenceMs: timeouts.silenceMs ?? timeoutMs,
    },
    retries: settings.retries,
    breaker: settings.breaker,
    askForUsage: settings.streamUsage === 'ask',
    reasoning: settings.reasoning,
  };
}
