/**
 * What the configuration says of a provider: an LLM API, its address, key, law, terms and prices.
 *
 * @module
 */
import { termsSchema } from '@kolben/distill/terms';
import { z } from 'zod';
import { carriedTurns, spellings } from '../upstream/reasoning.ts';
import { environmentName, milliseconds } from './fields.ts';
import { jurisdiction } from './jurisdictions.ts';
import { priceSchema } from './price-schema.ts';

const baseUrl = z.string().superRefine((value, context) => {
  const problem = problemWithBaseUrl(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

function problemWithBaseUrl(value: string): string | undefined {
  if (!URL.canParse(value)) return 'must be a URL such as https://api.example.com/v1';
  const url = new URL(value);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a user name or password; name an environment variable in apiKeyEnv instead';
  }
  if (url.search !== '' || url.hash !== '') return 'must not hold a query (?) or a fragment (#)';
  return undefined;
}

const timeoutsSchema = z.strictObject({
  /** Until the connection stands, TLS included. */
  connectMs: milliseconds.default(10_000),
  /** From the request until the head of the answer; `timeoutMs` where left out. */
  firstByteMs: milliseconds.optional(),
  /** Between two pieces of the answer; `timeoutMs` where left out. */
  silenceMs: milliseconds.optional(),
});

/**
 * What may go away by itself (429, 5xx, no connection, silence) is tried again, before the first byte of an answer. The
 * pauses grow as `baseMs` × 2ⁿ up to `mostMs`, each a random share of that; a provider's `retry-after` is kept to where it
 * is no longer than `mostMs`, else the next teacher is asked at once.
 */
const retriesSchema = z.strictObject({
  /** How often, beyond the first time. 0: never. */
  times: z.int().min(0).max(10).default(2),
  baseMs: milliseconds.default(500),
  mostMs: milliseconds.default(10_000),
});

/**
 * A provider that fails again and again is left alone: after `failures` within `windowMs` that are at least half of its
 * answers in that time, for `openMs`. Then one call tries it, and its outcome counts for all.
 */
const breakerSchema = z.strictObject({
  failures: z.int().min(1).max(1_000).default(5),
  windowMs: milliseconds.default(30_000),
  openMs: milliseconds.default(15_000),
});

/** Reasoning of earlier turns: how this provider spells it, and of which turns it wants it back. */
const reasoningSchema = z.strictObject({
  /**
   * A member of the message, or `thinking`: parts of its content. What a client has in another spelling is translated, and
   * so are answers where the task's teacher spells it otherwise. Left out: it goes as the client wrote it.
   */
  as: z.enum(spellings).optional(),
  /** `tools`: of turns in which tools were called; `none`: it is taken out. */
  turns: z.enum(carriedTurns).default('all'),
});

const providerFields = z.strictObject({
  /** Where its OpenAI-compatible API begins: the path `/chat/completions` is appended. */
  baseUrl: baseUrl.optional(),
  /**
   * Instead of an address: a folder with a decoder in Hugging Face's layout, or a student that writes, which the gateway
   * runs itself for as long as it is up, for no one else.
   */
  folder: z.string().min(1).optional(),
  /** NAME of the environment variable that holds the key. Left out: the provider needs none. */
  apiKeyEnv: environmentName('OPENAI_API_KEY', 'the key').optional(),
  /** ISO 3166 country or `EU`: under whose law the provider answers. */
  jurisdiction: jurisdiction.optional(),
  /** What its terms say of students that learn from its answers. */
  terms: termsSchema.optional(),
  /** By model name, as the provider spells it. Models and figures left out have those of the price package. */
  prices: z.record(z.string(), priceSchema).default({}),
  /** The longest silence: until its first byte, and between two pieces of its answer. Milliseconds. */
  timeoutMs: milliseconds.default(120_000),
  /** Where one time for all is too coarse. */
  timeouts: timeoutsSchema.prefault({}),
  /** When it is asked once more before the next teacher is. */
  retries: retriesSchema.prefault({}),
  /** When it is left alone for a while; `false`: never. */
  breaker: z.union([z.literal(false), breakerSchema]).prefault({}),
  /** Left out: requests go as the client wrote them; as a fallback of a teacher that has this set: without reasoning. */
  reasoning: reasoningSchema.optional(),
  /**
   * `ask`: every streamed call asks for its usage, and the chunk is taken out again where the client didn't ask.
   * `leave`: the request stays as the client wrote it, for providers that refuse `stream_options` (Mistral).
   */
  streamUsage: z.enum(['ask', 'leave']).default('ask'),
});

export const providerSchema = providerFields.superRefine(({ baseUrl, folder, apiKeyEnv }, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (baseUrl === undefined && folder === undefined)
    complain('baseUrl', 'is missing; set it to a URL, or set folder to the folder of a decoder');
  if (baseUrl !== undefined && folder !== undefined)
    complain('folder', 'stands beside baseUrl; a provider is one of both, so remove the other');
  if (folder !== undefined && apiKeyEnv !== undefined)
    complain('apiKeyEnv', 'stands beside folder, which needs no key; remove it');
});

export type { Price } from './price-schema.ts';
export type Retries = z.output<typeof retriesSchema>;
export type BreakerSettings = z.output<typeof breakerSchema>;
export type ProviderConfig = z.output<typeof providerSchema>;
