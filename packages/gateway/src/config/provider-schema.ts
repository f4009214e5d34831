/**
 * What the configuration says of a provider: an LLM API, its address, key, law, terms and prices.
 *
 * @module
 */
import { termsSchema } from '@kolben/distill/terms';
import { z } from 'zod';
import { environmentName, milliseconds } from './fields.ts';

const perMillion = z.number().nonnegative();

export const priceSchema = z.strictObject({
  /** USD per million prompt tokens. */
  inputPerMillion: perMillion,
  /** USD per million completion tokens. */
  outputPerMillion: perMillion,
  /** USD per million prompt tokens that the provider took from its cache; `inputPerMillion` where left out. */
  cachedInputPerMillion: perMillion.optional(),
  currency: z.literal('USD').default('USD'),
});

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
  jurisdiction: z.string().min(1).optional(),
  /** What its terms say of students that learn from its answers. */
  terms: termsSchema.optional(),
  /** By model name, as the provider spells it. */
  prices: z.record(z.string(), priceSchema),
  /** The longest silence: until its first byte, and between two pieces of its answer. Milliseconds. */
  timeoutMs: milliseconds.default(120_000),
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

export type Price = z.output<typeof priceSchema>;
export type ProviderConfig = z.output<typeof providerSchema>;
