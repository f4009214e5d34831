import { describe, expect, test } from 'vitest';
import { isObject } from '../json.ts';
import { completion } from '../testing/mock-provider.ts';
import { plainNames, plainText, readObject, withoutRecordings } from '../testing/recordings.ts';
import { countTokens } from './count-tokens.ts';
import { readUsage } from './usage.ts';

const ask = (content: unknown, more: object = {}) => ({ messages: [{ role: 'user', content }], ...more });

test('tokens are those of o200k_base, with what stands around messages', async () => {
  // "hello world" are two tokens of it (tiktoken's own example).
  expect(await countTokens(ask('hello world'), completion('hello world'))).toEqual({
    promptTokens: 2 + 4 + 3,
    completionTokens: 2,
    cachedTokens: 0,
  });
  expect(await countTokens(ask('hello world'), null)).toMatchObject({ completionTokens: 0 });
});

test('parts, tools, schemas, reasoning and tool calls are read; data is not', async () => {
  const plain = await countTokens(ask('hello world'), null);
  const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(100_000)}` } };
  const parts = await countTokens(ask([{ type: 'text', text: 'hello world' }, image]), null);
  expect(parts.promptTokens).toBe(plain.promptTokens + 765);
  const tools = [{ type: 'function', function: { name: 'hello_world', parameters: {} } }];
  expect((await countTokens(ask('hello world', { tools }), null)).promptTokens).toBeGreaterThan(
    plain.promptTokens,
  );
  const call = {
    index: 0,
    id: 'call_1',
    type: 'function',
    function: { name: 'hello', arguments: '{"a":1}' },
  };
  const message = { role: 'assistant', content: null, reasoning_content: 'hello world', tool_calls: [call] };
  const { completionTokens } = await countTokens(ask(''), { choices: [{ index: 0, message }] });
  expect(completionTokens).toBeGreaterThan(3);
  expect(completionTokens).toBeLessThan(15);
});

test('other endpoints: vectors of texts and of tokens, answers of the newer form', async () => {
  expect(
    await countTokens({ input: ['hello world', 'hello world'] }, { data: [{ embedding: [1, 2] }] }),
  ).toEqual({
    promptTokens: 4,
    completionTokens: 0,
    cachedTokens: 0,
  });
  expect((await countTokens({ input: [[1, 2, 3], [4]] }, null)).promptTokens).toBe(4);
  const output = [
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello world' }] },
  ];
  expect(await countTokens({ input: 'hello world', instructions: 'hello' }, { output })).toEqual({
    promptTokens: 3,
    completionTokens: 2,
    cachedTokens: 0,
  });
});

test('what looks like a special token is text, and what no tokenizer likes takes no for ever', async () => {
  expect((await countTokens(ask('<|endoftext|>'), null)).promptTokens).toBeGreaterThan(8);
  const { promptTokens } = await countTokens(ask('ab'.repeat(1_000_000)), null);
  // Bounded by its characters, and not by nothing.
  expect(promptTokens).toBeGreaterThan(100_000);
  expect(promptTokens).toBeLessThan(2_000_000);
});

describe.skipIf(withoutRecordings)('recorded answers, against what their providers reported', () => {
  const answers = plainNames()
    .map((name) => [name, readObject(plainText(name))] as const)
    .filter(([, answer]) => readUsage(answer.usage) !== undefined && Array.isArray(answer.choices))
    // Of these the whole answer lies open: no reasoning that was billed and not shown, no call of a tool.
    .filter(
      ([, { choices }]) =>
        isObject((choices as unknown[])[0]) && !JSON.stringify(choices).includes('tool_calls":['),
    )
    .filter(([name]) => /text\.json$/.test(name) && !/xai|moonshot|completion/.test(name));
  test('there are some', () => expect(answers.length).toBeGreaterThanOrEqual(4));
  test.each(answers)('%s is met within a quarter', async (_name, answer) => {
    const { completionTokens } = await countTokens(ask(''), answer);
    const reported = readUsage(answer.usage)!.completionTokens;
    expect(completionTokens).toBeGreaterThan(reported * 0.75);
    expect(completionTokens).toBeLessThan(reported * 1.25);
  });
});
