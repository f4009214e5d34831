import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from './parse-config.ts';
import { providerKeys } from './provider-keys.ts';

const prices = { m: { inputPerMillion: 0, outputPerMillion: 0 } };
const config = parseConfig({
  providers: {
    paid: { baseUrl: 'https://paid.example/v1', apiKeyEnv: 'PAID_KEY', prices },
    local: { baseUrl: 'http://127.0.0.1:11434/v1', prices },
    unused: { baseUrl: 'https://unused.example/v1', apiKeyEnv: 'UNUSED_KEY', prices },
  },
  tasks: { a: { kind: 'classify', teacher: 'paid/m' }, b: { kind: 'classify', teacher: 'local/m' } },
});

test('keys come from the environment; what no task asks can do without', () => {
  expect(providerKeys(config, { PAID_KEY: ' sk-1\n', UNUSED_KEY: 'sk-2' })).toEqual(
    new Map([
      ['paid', 'sk-1'],
      ['unused', 'sk-2'],
    ]),
  );
  for (const UNUSED_KEY of [undefined, '', 'sk 2'])
    expect(providerKeys(config, { PAID_KEY: 'sk-1', UNUSED_KEY })).toEqual(new Map([['paid', 'sk-1']]));
});

test('a fallback needs its key as the teacher does, unless the task keeps it out', () => {
  const withFallback = (jurisdictions?: object) =>
    parseConfig({
      providers: {
        paid: { baseUrl: 'https://paid.example/v1', apiKeyEnv: 'PAID_KEY', jurisdiction: 'US', prices },
        other: { baseUrl: 'https://other.example/v1', apiKeyEnv: 'OTHER_KEY', jurisdiction: 'DE', prices },
      },
      tasks: { a: { kind: 'classify', teacher: 'paid/m', fallbacks: ['other/m'], jurisdictions } },
    });
  expect(() => providerKeys(withFallback(), { PAID_KEY: 'sk-1' })).toThrow(/OTHER_KEY, which isn't set/);
  expect(() => providerKeys(withFallback({ only: ['EU'] }), { OTHER_KEY: 'sk-1' })).not.toThrow();
});

test.each([
  [
    'is not set',
    {},
    /^In the configuration, providers\.paid\.apiKeyEnv names the environment variable PAID_KEY, which isn't set; set it to the provider's key and start again\.$/,
  ],
  ['is empty', { PAID_KEY: '  ' }, /PAID_KEY, which isn't set/],
  ['can be no key', { PAID_KEY: 'sk 1\r\nx-evil: 1' }, /PAID_KEY, whose value can't be a key/],
])(
  'a variable that %s stops the start, with its name and without its value',
  (_how, environment, sentence) => {
    expect(() => providerKeys(config, environment)).toThrow(ConfigError);
    expect(() => providerKeys(config, environment)).toThrow(sentence);
    expect(() => providerKeys(config, environment)).not.toThrow(/evil/);
  },
);
