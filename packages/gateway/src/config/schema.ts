/**
 * What a `kolben.config.ts` may say, as one zod schema; its types are inferred from it and from nowhere else.
 *
 * It checks everything that can be known from the text alone. What only the machine knows (is the provider's key
 * in the environment, can the student folder be read) is checked where it is used, at the start of the gateway.
 *
 * @module
 */
import { termsSchema } from '@kolben/distill/terms';
import { routes } from '@kolben/store';
import { z } from 'zod';

/** Task and provider names appear in model names, headers and paths: nothing there that needs quoting. */
const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}$/,
    'must be 1 to 63 of a–z, 0–9, - and _, beginning with a letter or digit',
  );

const perMillion = z.number().nonnegative();

/** An hour at most: what is longer is a mistake in the unit. */
const milliseconds = z.int().min(1).max(3_600_000);

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
  apiKeyEnv: z
    .string()
    .regex(
      /^[A-Za-z_][A-Za-z0-9_]*$/,
      'must be the name of an environment variable, such as OPENAI_API_KEY, never the key itself',
    )
    .optional(),
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

const providerSchema = providerFields.superRefine(({ baseUrl, folder, apiKeyEnv }, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (baseUrl === undefined && folder === undefined)
    complain('baseUrl', 'is missing; set it to a URL, or set folder to the folder of a decoder');
  if (baseUrl !== undefined && folder !== undefined)
    complain('folder', 'stands beside baseUrl; a provider is one of both, so remove the other');
  if (folder !== undefined && apiKeyEnv !== undefined)
    complain('apiKeyEnv', 'stands beside folder, which needs no key; remove it');
});

const taskSchema = z.strictObject({
  kind: z.enum(['classify', 'extract', 'generate']),
  /** `provider/model`; the model's name may hold further slashes. */
  teacher: z.string().regex(/^[^/]+\/.+$/, 'must be provider/model, such as openai/gpt-4.1-mini'),
  route: z.enum(routes).default('teacher'),
  labels: z.array(z.string().min(1)).min(2).optional(),
  /** What `kolben label` tells the teacher, as a system message, where an input has none of its own. */
  prompt: z.string().min(1).optional(),
  /** A student folder. It goes before the one registered in the store; left out, the registered one serves. */
  student: z.string().min(1).optional(),
});

/** Requests and answers are kept in the store, which takes texts of 64 MiB; hence the bounds of the bounds. */
const limitsSchema = z.strictObject({
  /** The largest request body. */
  bodyBytes: z
    .int()
    .min(1)
    .max(32 * 1024 * 1024)
    .default(10 * 1024 * 1024),
  /** The largest sum of a request's headers. */
  headerBytes: z
    .int()
    .min(1024)
    .max(1024 * 1024)
    .default(16 * 1024),
  /** Calls under way at once; the next one is answered 429. */
  concurrentCalls: z.int().min(1).default(256),
  /** Calls that may wait to be recorded, those under way included; beyond it new ones are answered 429. */
  unrecordedCalls: z.int().min(1).default(5_000),
  /** The sum of their requests, bytes; likewise. */
  unrecordedBytes: z
    .int()
    .min(1)
    .default(128 * 1024 * 1024),
  /** How long a client may take to send its whole request. Milliseconds. */
  requestMs: milliseconds.default(60_000),
  /** How long a client may leave its streamed answer unread before it counts as gone. Milliseconds. */
  stalledClientMs: milliseconds.default(120_000),
  /** The largest answer a provider may send. */
  responseBytes: z
    .int()
    .min(1024)
    .max(32 * 1024 * 1024)
    .default(16 * 1024 * 1024),
  /** How long a student may take before the teacher is asked instead. Milliseconds. */
  studentMs: milliseconds.default(5_000),
  /** How long calls under way may go on when the gateway is stopped. Milliseconds. */
  drainMs: milliseconds.default(10_000),
});

export const configSchema = z
  .strictObject({
    /** Where the store lies. */
    dataDirectory: z.string().min(1).default('.kolben'),
    /** Loopback unless told otherwise: what isn't meant for the network must not be on it. */
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 lets the system choose. */
    port: z.int().min(0).max(65_535).default(4141),
    /** Names in the Host header, besides loopback's own, that the gateway answers to. */
    allowedHosts: z.array(z.string().min(1)).default([]),
    providers: z.record(name, providerSchema),
    tasks: z.record(name, taskSchema),
    limits: limitsSchema.prefault({}),
  })
  .superRefine((config, context) => {
    for (const [task, { teacher }] of Object.entries(config.tasks)) {
      if (!teacher.includes('/')) continue;
      const path = ['tasks', task, 'teacher'];
      const [providerName, model] = splitTeacher(teacher);
      const provider = Object.hasOwn(config.providers, providerName)
        ? config.providers[providerName]
        : undefined;
      if (!provider) {
        const known = Object.keys(config.providers).join(', ') || 'none';
        const message = `names the provider "${providerName}", which isn't among the providers (${known}); add it there or correct the name`;
        context.addIssue({ code: 'custom', path, message });
      } else if (!Object.hasOwn(provider.prices, model)) {
        const message = `has no price: add providers.${providerName}.prices["${model}"] with inputPerMillion and outputPerMillion (0 where it costs nothing)`;
        context.addIssue({ code: 'custom', path, message });
      }
    }
  });

/** A teacher's name taken apart at its first slash: provider and model. */
export function splitTeacher(teacher: string): [provider: string, model: string] {
  const slash = teacher.indexOf('/');
  return [teacher.slice(0, slash), teacher.slice(slash + 1)];
}

/** A configuration as one writes it: whatever has a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;
/** A configuration that has been checked, with every default in its place. */
export type Config = z.output<typeof configSchema>;
export type Price = z.output<typeof priceSchema>;
export type ProviderConfig = Config['providers'][string];
export type TaskConfig = Config['tasks'][string];
export type Limits = Config['limits'];
