import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../json.ts';
import {
  plainText,
  readObject,
  streamChunks,
  streamNames,
  withoutRecordings,
} from '../../testing/recordings.ts';
import { CompletionAssembler } from './assemble-completion.ts';

function assemble(chunks: JsonObject[]): CompletionAssembler {
  const assembler = new CompletionAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler;
}

const delta = (piece: JsonObject, more: JsonObject = {}) => ({
  choices: [{ index: 0, delta: piece, ...more }],
});

/** The first choice's message, of the kind that tests look into. */
function message(assembler: CompletionAssembler): JsonObject {
  const choices = assembler.completion()?.choices;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isObject(first) && isObject(first.message) ? first.message : {};
}

test('pieces of content, reasoning and refusal are joined, roles and names are not', () => {
  const assembler = assemble([
    delta({ role: 'assistant', content: '' }),
    delta({ role: 'assistant', reasoning_content: 'Let me ', reasoning: 'A' }),
    delta({ reasoning_content: 'think.', reasoning: 'B', content: null }),
    delta({ content: 'spa', refusal: 'n' }),
    delta({ content: 'm', refusal: 'o' }, { finish_reason: 'stop' }),
  ]);
  expect(message(assembler)).toEqual({
    role: 'assistant',
    content: 'spam',
    reasoning_content: 'Let me think.',
    reasoning: 'AB',
    refusal: 'no',
  });
  expect(assembler.finished).toBe(true);
});

test('tool calls grow by index; ids and names that come again, or empty, change nothing', () => {
  const assembler = assemble([
    delta({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] }),
    delta({ tool_calls: [{ index: 0, id: '', type: 'function', function: { arguments: '{"x"' } }] }),
    delta({
      tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }],
    }),
    delta({ tool_calls: [{ index: 0, function: { name: 'f', arguments: ':1}' } }] }),
  ]);
  expect(message(assembler)).toEqual({
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
    ],
  });
});

test('tool calls without an index are each a new one', () => {
  const assembler = assemble([
    delta({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] }),
    delta({ tool_calls: [{ id: 'b', function: { name: 'g', arguments: '{}' } }] }),
  ]);
  expect(message(assembler).tool_calls).toHaveLength(2);
});

test('an index out of all proportion makes no list of that length', () => {
  const assembler = assemble([delta({ tool_calls: [{ index: 4_000_000_000, id: 'a' }] })]);
  expect(message(assembler).tool_calls).toEqual([{ id: 'a' }]);
});

test('log-probabilities are appended, choices kept apart and put in order', () => {
  const one = (index: number, content: string, token: string) => ({
    choices: [{ index, delta: { content }, logprobs: { content: [{ token }], refusal: null } }],
  });
  const assembler = assemble([
    one(1, 'b', 'b1'),
    one(0, 'a', 'a1'),
    one(1, 'B', 'b2'),
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  ]);
  expect(assembler.finished).toBe(false);
  expect(assembler.completion()).toMatchObject({
    choices: [
      {
        index: 0,
        message: { content: 'a' },
        logprobs: { content: [{ token: 'a1' }] },
        finish_reason: 'stop',
      },
      {
        index: 1,
        message: { content: 'bB' },
        logprobs: { content: [{ token: 'b1' }, { token: 'b2' }] },
        finish_reason: null,
      },
    ],
  });
});

test('id, time and model are those of the first chunk that has them; unknown members stay', () => {
  const assembler = assemble([
    { id: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
    { id: 'x', created: 5, model: 'm', choices: [], obfuscation: 'zzz', service_tier: 'default' },
    { id: 'y', created: 6, model: 'n', choices: [], usage: { prompt_tokens: 1 } },
  ]);
  expect(assembler.completion()).toEqual({
    id: 'x',
    object: 'chat.completion',
    created: 5,
    model: 'm',
    choices: [],
    prompt_filter_results: [{ prompt_index: 0 }],
    service_tier: 'default',
    usage: { prompt_tokens: 1 },
  });
});

test('nothing came, nothing is made up', () => {
  expect(new CompletionAssembler().completion()).toBeNull();
});

test('a member that is called like a part of every object is a member and nothing else', () => {
  const chunk = readObject(
    '{"__proto__":{"polluted":1},"choices":[{"index":0,"delta":{"__proto__":{"polluted":1}}}]}',
  );
  const completion = assemble([chunk, chunk]).completion();
  expect(Object.keys({}).concat(Object.keys(Object.prototype))).toEqual([]);
  expect(Object.getPrototypeOf(completion)).toBe(Object.prototype);
  expect(JSON.stringify(completion)).toContain('"__proto__":{"polluted":1}');
});

describe.skipIf(withoutRecordings)('recorded streams (need KOLBEN_TEST_DATA)', () => {
  test('there are recordings', () => {
    expect(streamNames().length).toBeGreaterThanOrEqual(20);
  });

  test.each(streamNames())('%s', (name) => {
    const chunks = streamChunks(name);
    const assembler = assemble(chunks);
    const deltas = chunks
      .flatMap((chunk) => (Array.isArray(chunk.choices) ? chunk.choices : []))
      .map((choice: { delta?: JsonObject }) => choice.delta ?? {});
    const joined = (key: string) =>
      deltas.map((piece) => (typeof piece[key] === 'string' ? piece[key] : '')).join('');
    const whole = message(assembler);
    if (typeof whole.content === 'string') expect(whole.content).toBe(joined('content'));
    expect(whole.reasoning_content ?? '').toBe(joined('reasoning_content'));
    expect(whole.reasoning ?? '').toBe(joined('reasoning'));
    const calls = Array.isArray(whole.tool_calls) ? whole.tool_calls : [];
    for (const call of calls) {
      expect(call).toMatchObject({
        id: expect.stringMatching(/./),
        function: { name: expect.stringMatching(/./) },
      });
      // (One file holds two answers, one after the other, each with a call.)
      const answers = new Set(chunks.map((chunk) => chunk.id)).size;
      if (answers === 1) expect(JSON.parse(call.function.arguments)).toEqual(expect.anything());
    }
    // Some recordings were cut short by their makers.
    const ended = chunks.some((chunk) => JSON.stringify(chunk).match(/"finish_reason":\s*"/));
    expect(assembler.finished).toBe(ended);
    expect(assembler.usage).toEqual(chunks.findLast((chunk) => chunk.usage != null)?.usage ?? null);
  });

  test('Mistral’s thinking parts become what its plain answer has', () => {
    const streamed = assemble(streamChunks('mistral__mistral-reasoning.chunks.txt')).completion();
    expect(streamed).toEqual({
      ...readObject(plainText('mistral__mistral-reasoning.json')),
      choices: (readObject(plainText('mistral__mistral-reasoning.json')).choices as JsonObject[]).map(
        (choice) => ({
          ...choice,
          logprobs: null,
        }),
      ),
    });
  });
});
