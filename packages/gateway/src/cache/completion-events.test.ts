import { createParser } from 'eventsource-parser';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { completion } from '../testing/mock-provider.ts';
import { plainNames, plainText, readObject, withoutRecordings } from '../testing/recordings.ts';
import { CompletionAssembler } from '../upstream/protocols/assemble-completion.ts';
import { completionEvents } from './completion-events.ts';

function read(events: string): string[] {
  const data: string[] = [];
  const parser = createParser({ onEvent: (event) => data.push(event.data) });
  parser.feed(events);
  return data;
}

/** What a client makes of the stream. */
function reassembled(whole: JsonObject, includeUsage: boolean): JsonObject | null {
  const assembler = new CompletionAssembler();
  for (const data of read(completionEvents(whole, includeUsage))) {
    const chunk = parseJson(data);
    if (isObject(chunk)) assembler.add(chunk);
  }
  return assembler.completion();
}

test('the usage comes in a chunk of its own, and only where it was asked for', () => {
  const whole = completion('spam');
  const asked = read(completionEvents(whole, true));
  expect(asked.at(-1)).toBe('[DONE]');
  expect(parseJson(asked.at(-2)!)).toMatchObject({ choices: [], usage: whole.usage });
  expect(parseJson(asked[0]!)).toMatchObject({ object: 'chat.completion.chunk', usage: null });
  const { usage: _usage, ...rest } = whole;
  expect(reassembled(whole, false)).toEqual(rest);
  expect(reassembled(whole, true)).toEqual(whole);
});

test('several choices, tool calls and log probabilities come through', () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
  const whole = completion('', {
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: [call, { ...call, id: 'call_2' }] },
        logprobs: null,
        finish_reason: 'tool_calls',
      },
      {
        index: 1,
        message: { role: 'assistant', content: 'x', refusal: null, reasoning_content: 'hm' },
        logprobs: { content: [{ token: 'x', logprob: -0.1, bytes: [120], top_logprobs: [] }] },
        finish_reason: 'stop',
      },
    ],
  });
  const [first, second] = (reassembled(whole, true)?.choices ?? []) as JsonObject[];
  expect([first, { ...second, message: { refusal: null, ...(second?.message as object) } }]).toEqual(
    whole.choices,
  );
});

describe.skipIf(withoutRecordings)('recorded answers', () => {
  const answers = plainNames()
    .map((name) => [name, readObject(plainText(name))] as const)
    .filter(([, answer]) => Array.isArray(answer.choices));
  test('there are some', () => expect(answers.length).toBeGreaterThan(15));
  test.each(answers)('%s is the same as a stream', (_name, answer) => {
    expect(withoutNulls(reassembled(answer, true))).toEqual(
      withoutNulls({ ...answer, object: 'chat.completion' }),
    );
  });
});

/** A member that is null is told in no chunk, and the place of a tool's call is none of a whole answer's business. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member != null)
      .map(([name, member]) => [name, name === 'tool_calls' ? callsOf(member) : withoutNulls(member)]),
  );
}

function callsOf(calls: unknown): unknown {
  return (calls as JsonObject[]).map(({ index: _index, ...call }) => withoutNulls(call));
}
