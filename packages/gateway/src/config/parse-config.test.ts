import { KolbenError } from '@kolben/engine';
import { expect, expectTypeOf, test } from 'vitest';
import { defineConfig } from './define-config.ts';
import { ConfigError, parseConfig } from './parse-config.ts';
import type { Config } from './schema.ts';
import { splitTeacher } from './split-teacher.ts';

const price = { inputPerMillion: 1, outputPerMillion: 2 };
const provider = {
  baseUrl: 'https://api.example.com/v1',
  apiKeyEnv: 'EXAMPLE_KEY',
  prices: { 'a/b': price },
};
const task = { kind: 'classify', teacher: 'example/a/b' } as const;
const good = defineConfig({ providers: { example: provider }, tasks: { mail: task } });

/** What is said of a configuration that is wrong in one place. */
function complaint(value: unknown): string {
  try {
    parseConfig(value, 'kolben.config.ts');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('It was accepted.');
}

const withProvider = (changes: object) => ({ ...good, providers: { example: { ...provider, ...changes } } });
const withTask = (changes: object) => ({ ...good, tasks: { mail: { ...task, ...changes } } });

test('what may be left out is filled in, safe defaults first', () => {
  const config = parseConfig(good);
  expect(config).toMatchObject({
    dataDirectory: '.kolben',
    host: '127.0.0.1',
    port: 4141,
    allowedHosts: [],
    tasks: { mail: { route: 'teacher', fallbacks: [] } },
    providers: {
      example: {
        timeoutMs: 120_000,
        timeouts: { connectMs: 10_000 },
        retries: { times: 2, baseMs: 500, mostMs: 10_000 },
        breaker: { failures: 5, windowMs: 30_000, openMs: 15_000 },
        streamUsage: 'ask',
        prices: { 'a/b': { currency: 'USD' } },
      },
    },
    limits: { bodyBytes: 10_485_760, headerBytes: 16_384, concurrentCalls: 256 },
  });
  expect(parseConfig(config)).toEqual(config);
  expectTypeOf(config).toEqualTypeOf<Config>();
});

test.each<[string, unknown, string]>([
  ['no object at all', 7, 'In kolben.config.ts, the whole must be an object.'],
  ['no providers', { tasks: {} }, 'In kolben.config.ts, providers is missing; set it to an object.'],
  [
    'a setting with a typing error',
    { ...good, prot: 1 },
    'In kolben.config.ts, prot is no known setting; correct its name or remove it.',
  ],
  [
    'one further down',
    withTask({ lables: [] }),
    'In kolben.config.ts, tasks.mail.lables is no known setting; correct its name or remove it.',
  ],
  [
    'an unknown route',
    withTask({ route: 'both' }),
    'In kolben.config.ts, tasks.mail.route must be one of "teacher", "shadow", "cascade", "student".',
  ],
  [
    'a teacher without a provider',
    withTask({ teacher: 'gpt' }),
    'In kolben.config.ts, tasks.mail.teacher must be provider/model, such as openai/gpt-4.1-mini.',
  ],
  [
    'a teacher of an unknown provider',
    withTask({ teacher: 'exmaple/a/b' }),
    'In kolben.config.ts, tasks.mail.teacher names the provider "exmaple", which isn\'t among the providers (example); add it there or correct the name.',
  ],
  [
    'a provider called like a part of every object',
    withTask({ teacher: 'constructor/x' }),
    'In kolben.config.ts, tasks.mail.teacher names the provider "constructor", which isn\'t among the providers (example); add it there or correct the name.',
  ],
  [
    'a teacher without a price',
    withTask({ teacher: 'example/c' }),
    'In kolben.config.ts, tasks.mail.teacher has no price, here or in the price package: add providers.example.prices["c"] with inputPerMillion and outputPerMillion (0 where it costs nothing).',
  ],
  [
    'a fallback of an unknown provider',
    withTask({ fallbacks: ['example/a/b', 'other/m'] }),
    'In kolben.config.ts, tasks.mail.fallbacks[0] is named before already; remove it (and 1 more: tasks.mail.fallbacks[1]).',
  ],
  [
    'a fallback without a price',
    withTask({ fallbacks: ['example/c'] }),
    'In kolben.config.ts, tasks.mail.fallbacks[0] has no price, here or in the price package: add providers.example.prices["c"] with inputPerMillion and outputPerMillion (0 where it costs nothing).',
  ],
  [
    'a fence that leaves no teacher',
    {
      ...withTask({ jurisdictions: { only: ['EU'] } }),
      providers: { example: { ...provider, jurisdiction: 'US' } },
    },
    "In kolben.config.ts, tasks.mail.jurisdictions permits none of the task's teachers (example: US); name one that it permits, set the jurisdiction of its provider, or widen it.",
  ],
  [
    'a fence around a teacher of whose law nothing is said',
    withTask({ jurisdictions: { not: ['US'] } }),
    "In kolben.config.ts, tasks.mail.jurisdictions permits none of the task's teachers (example: unknown); name one that it permits, set the jurisdiction of its provider, or widen it.",
  ],
  [
    'a country that is none',
    withProvider({ jurisdiction: 'Europe' }),
    'In kolben.config.ts, providers.example.jurisdiction must be a country by its two letters of ISO 3166, such as DE, or EU.',
  ],
  [
    'a provider with a name that is taken',
    { ...good, providers: { ...good.providers, student: provider } },
    "In kolben.config.ts, providers.student is a name that models of Kolben's own begin with (student/…); give the provider another one.",
  ],
  [
    'a negative price',
    withProvider({ prices: { 'a/b': { ...price, outputPerMillion: -1 } } }),
    'In kolben.config.ts, providers.example.prices["a/b"].outputPerMillion must be at least 0.',
  ],
  [
    'a price in another currency',
    withProvider({ prices: { 'a/b': { ...price, currency: 'EUR' } } }),
    'In kolben.config.ts, providers.example.prices["a/b"].currency must be one of "USD".',
  ],
  [
    'an address that is none',
    withProvider({ baseUrl: 'api.example.com' }),
    'In kolben.config.ts, providers.example.baseUrl must be a URL such as https://api.example.com/v1.',
  ],
  [
    'an address of another kind',
    withProvider({ baseUrl: 'file:///etc/passwd' }),
    'In kolben.config.ts, providers.example.baseUrl must begin with https:// or http://.',
  ],
  [
    'an address with a query',
    withProvider({ baseUrl: 'https://a.example/v1?x=1' }),
    'In kolben.config.ts, providers.example.baseUrl must not hold a query (?) or a fragment (#).',
  ],
  [
    'neither an address nor a folder',
    withProvider({ baseUrl: undefined }),
    'In kolben.config.ts, providers.example.baseUrl is missing; set it to a URL, or set folder to the folder of a decoder.',
  ],
  [
    'an address and a folder',
    withProvider({ folder: 'llama', apiKeyEnv: undefined }),
    'In kolben.config.ts, providers.example.folder stands beside baseUrl; a provider is one of both, so remove the other.',
  ],
  [
    'a folder with a key',
    withProvider({ baseUrl: undefined, folder: 'llama', apiKeyEnv: 'KEY' }),
    'In kolben.config.ts, providers.example.apiKeyEnv stands beside folder, which needs no key; remove it.',
  ],
  [
    'a task name that would need quoting',
    { ...good, tasks: { 'My Mails': task } },
    'In kolben.config.ts, tasks["My Mails"] is no possible name: it must be 1 to 63 of a–z, 0–9, - and _, beginning with a letter or digit.',
  ],
  ['a port that is none', { ...good, port: 70_000 }, 'In kolben.config.ts, port must be at most 65535.'],
  ['a port in words', { ...good, port: '4141' }, 'In kolben.config.ts, port must be a number.'],
  [
    'a limit of nothing',
    { ...good, limits: { bodyBytes: 0 } },
    'In kolben.config.ts, limits.bodyBytes must be at least 1.',
  ],
  [
    'one label only',
    withTask({ labels: ['a'] }),
    'In kolben.config.ts, tasks.mail.labels must have at least 2 entries.',
  ],
  [
    'an empty label',
    withTask({ labels: ['a', ''] }),
    'In kolben.config.ts, tasks.mail.labels[1] must have at least 1 character.',
  ],
])('%s is met with one sentence that names the place and the way out', (_what, value, sentence) => {
  expect(complaint(value)).toBe(sentence);
});

test('a key pasted where its name belongs is refused and not repeated', () => {
  const said = complaint(withProvider({ apiKeyEnv: 'sk-live-0123456789' }));
  expect(said).toBe(
    'In kolben.config.ts, providers.example.apiKeyEnv must be the name of an environment variable, such as OPENAI_API_KEY, never the key itself.',
  );
  const withPassword = complaint(withProvider({ baseUrl: 'https://user:hunter2@api.example.com/v1' }));
  expect(withPassword).toContain('must not hold a user name or password');
  expect(withPassword).not.toContain('hunter2');
});

test('several mistakes are all listed, the first in words', () => {
  const value = { ...withTask({ route: 'x' }), port: -1 };
  expect(complaint(value)).toMatch(
    /^In kolben.config.ts, port must be at least 0 \(and 1 more: tasks.mail.route\)\.$/,
  );
  let caught: unknown;
  try {
    parseConfig(value);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(ConfigError);
  expect(KolbenError.isInstance(caught)).toBe(true);
  expect((caught as ConfigError).code).toBe('config_invalid');
  expect((caught as ConfigError).issues.map((issue) => issue.path)).toEqual(['port', 'tasks.mail.route']);
});

test('a teacher’s name is cut at its first slash, for models have slashes too', () => {
  expect(splitTeacher('router/meta/llama-3')).toEqual(['router', 'meta/llama-3']);
});

test('a task that says nothing of audits and of the watch has the usual ones', () => {
  const task = (own: object) => parseConfig(withTask(own)).tasks.mail!;
  expect(task({})).toMatchObject({
    ...{ audit: 0.05, falseAlarm: 0.05, driftAlarm: 0.1 },
    watch: { calls: 1000, newCalls: 1000, shadowCalls: 200, minimumCoverage: 0.2, alpha: 0.05, delta: 0.05 },
  });
  expect(task({ audit: 0, watch: { newCalls: 50, base: './base', lora: 16 } })).toMatchObject({
    audit: 0,
    watch: { calls: 1000, newCalls: 50, base: './base', lora: 16 },
  });
  expect(complaint(withTask({ audit: 1.5 }))).toContain('tasks.mail.audit must be at most 1');
  expect(complaint(withTask({ watch: { calls: 49 } }))).toContain(
    'tasks.mail.watch.calls must be at least 50',
  );
  expect(complaint(withTask({ equality: 'exact' }))).toContain('must be a function');
});
