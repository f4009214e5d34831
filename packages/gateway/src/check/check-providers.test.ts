import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import type { ConfigInput } from '../config/schema.ts';
import { type Abilities, able } from '../testing/able-provider.ts';
import { providerKey } from '../testing/gateway-in-test.ts';
import { type Behaviour, mockProvider, plainly } from '../testing/mock-provider.ts';
import { checkProviders, modelToTry } from './check-providers.ts';

const prices = { m: { inputPerMillion: 2, outputPerMillion: 8 } };
const { signal } = new AbortController();

async function oneProvider(behaviour: Behaviour, more: Partial<ConfigInput['providers'][string]> = {}) {
  const provider = await mockProvider(behaviour);
  const config = parseConfig({
    providers: { one: { baseUrl: provider.url, prices, ...more } },
    tasks: {},
  });
  const check = async (isQuick = false, environment = {}) =>
    (await checkProviders(config, { signal, isQuick, environment }))[0]!;
  return { provider, config, check };
}

test.each<[string, Abilities, object]>([
  [
    'one that can all',
    {},
    {
      streaming: 'yes',
      usageInStreams: 'yes',
      tools: 'yes',
      jsonSchema: 'yes',
      logprobs: 'yes',
      reasoning: 'no',
    },
  ],
  [
    'one like Mistral',
    {
      refuses: ['stream_options', 'logprobs'],
      thoughts: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] },
    },
    { streaming: 'yes', usageInStreams: 'refused', logprobs: 'refused', reasoning: 'thinking' },
  ],
  [
    'one like Anthropic’s compatible endpoint',
    { ignores: ['response_format', 'logprobs'] },
    { tools: 'yes', jsonSchema: 'no', logprobs: 'no' },
  ],
  [
    'one like llama.cpp without templates for tools',
    { refuses: ['tools'], thoughts: { reasoning_content: 'Hm.' } },
    { tools: 'refused', reasoning: 'reasoning_content' },
  ],
  ['one like vLLM', { thoughts: { reasoning: 'Hm.', reasoning_content: null } }, { reasoning: 'reasoning' }],
  ['one that doesn’t stream', { ignores: ['stream'] }, { streaming: 'no', usageInStreams: 'no' }],
  [
    'one like OpenAI’s reasoning models, with limits of another name',
    { refuses: ['max_tokens'] },
    { streaming: 'yes', tools: 'yes' },
  ],
])('%s: %j', async (_what, abilities, features) => {
  const { check, provider } = await oneProvider(able(abilities));
  const checked = await check();
  expect(checked).toMatchObject({ provider: 'one', model: 'm', error: null, features });
  expect(checked.latencyMs).toBeGreaterThan(0);
  expect(checked.cost).toBeGreaterThan(0);
  // Each question has an end that is near.
  for (const { body } of provider.asked) expect(body.max_tokens ?? body.max_completion_tokens).toBe(256);
});

test('quickly: one question', async () => {
  const { check, provider } = await oneProvider(able({}));
  expect(await check(true)).toMatchObject({ error: null, features: null, cost: (40 * 2 + 2 * 8) / 1e6 });
  expect(provider.asked).toHaveLength(1);
});

test.each<[string, Behaviour, object]>([
  ['refuses the key', plainly({ error: { message: providerKey } }, 401), { code: 'provider_refused_key' }],
  ['is overloaded', plainly({ error: { message: 'busy' } }, 503), { message: 'busy', detail: 'status 503' }],
  [
    'doesn’t know the model',
    plainly({ error: { message: 'no such model' } }, 404),
    { message: 'no such model' },
  ],
  ['is something else', plainly('<html>'), { code: 'provider_answer_invalid' }],
  [
    'breaks off',
    (answer) => void answer.writeHead(200).write('{', () => answer.destroy()),
    { message: /broke off/ },
  ],
])('one that %s says why, after one question', async (_what, behaviour, error) => {
  const { check, provider } = await oneProvider(behaviour);
  const checked = await check();
  const expected = Object.fromEntries(
    Object.entries(error).map(([key, value]) => [
      key,
      value instanceof RegExp ? expect.stringMatching(value) : (value as unknown),
    ]),
  );
  expect(checked).toMatchObject({ error: expected, latencyMs: null, features: null });
  expect(JSON.stringify(checked)).not.toContain('sk-');
  expect(provider.asked).toHaveLength(1);
});

test('one that is down, one without its key, one without a model: each says so, and the others are tried', async () => {
  const up = await mockProvider(able({}));
  const down = await mockProvider(able({}));
  await down.close();
  const config = parseConfig({
    providers: {
      up: { baseUrl: up.url, apiKeyEnv: 'UP_KEY', prices },
      down: { baseUrl: down.url, prices },
      keyless: { baseUrl: up.url, apiKeyEnv: 'OTHER_KEY', prices },
      nameless: { baseUrl: up.url },
      own: { folder: '/nowhere', prices },
    },
    tasks: { mail: { kind: 'classify', teacher: 'keyless/m' } },
  });
  const told: string[] = [];
  const checked = await checkProviders(config, {
    ...{ signal, isQuick: true, environment: { UP_KEY: providerKey } },
    onChecked: ({ provider }) => told.push(provider),
  });
  expect(checked.map(({ provider, error }) => [provider, error?.code, error?.detail])).toEqual([
    ['up', undefined, undefined],
    ['down', 'provider_unreachable', 'ECONNREFUSED'],
    ['keyless', 'key_missing', null],
    ['nameless', 'model_missing', null],
    ['own', 'folder_unusable', null],
  ]);
  expect(told.sort()).toEqual(['down', 'keyless', 'nameless', 'own', 'up']);
  expect(up.asked[0]?.headers.authorization).toBe(`Bearer ${providerKey}`);
});

test('tried is the model that a task names, else the first with a price', () => {
  const config = parseConfig({
    providers: { p: { baseUrl: 'https://p.example/v1', prices: { m: prices.m, other: prices.m } } },
    tasks: { mail: { kind: 'classify', teacher: 'p/m', fallbacks: ['p/other'] } },
  });
  expect(modelToTry(config, 'p')).toBe('m');
  expect(modelToTry({ ...config, tasks: {} }, 'p')).toBe('m');
  expect(modelToTry(config, 'q')).toBeUndefined();
});
