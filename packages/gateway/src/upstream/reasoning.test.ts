import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import {
  plainNames,
  plainText,
  readObject,
  streamChunks,
  streamNames,
  withoutRecordings,
} from '../testing/recordings.ts';
import { CompletionAssembler } from './protocols/assemble-completion.ts';
import { carryReasoning, respellAnswer, respellChunk, type Spelling, spellings } from './reasoning.ts';

const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
const user = (content: string) => ({ role: 'user', content });
const tool = { role: 'tool', tool_call_id: 'c', content: '1' };

/** An assistant's message that thought and spoke, in each spelling. */
const said: Record<Spelling, (thoughts: string, content: string, more?: object) => JsonObject> = {
  reasoning_content: (thoughts, content, more) => ({
    ...{ role: 'assistant', content, ...more },
    reasoning_content: thoughts,
  }),
  reasoning: (thoughts, content, more) => ({ role: 'assistant', content, ...more, reasoning: thoughts }),
  thinking: (thoughts, content, more) => ({
    ...{ role: 'assistant', ...more },
    content: [
      { type: 'thinking', thinking: [{ type: 'text', text: thoughts }] },
      { type: 'text', text: content },
    ],
  }),
};

test.each(spellings.flatMap((from) => spellings.map((to) => [from, to] as const)))(
  'what is spelt %s is carried as %s',
  (from, to) => {
    const messages = [user('q'), said[from]('hm', 'a', { tool_calls: [call] }), tool];
    const carried = carryReasoning(messages, { as: to, turns: 'all' });
    if (from === to) expect(carried).toBeUndefined();
    else expect(carried).toEqual([user('q'), said[to]('hm', 'a', { tool_calls: [call] }), tool]);
  },
);

test('of which turns: all, those with tools to their end, or none', () => {
  const think = (thoughts: string, more = {}) => said.reasoning_content(thoughts, 'a', more);
  const bare = (more = {}) => ({ role: 'assistant', content: 'a', ...more });
  const calling = { tool_calls: [call] };
  const messages = [user('1'), think('x'), user('2'), think('y', calling), tool, think('z'), user('3')];
  const of = (turns: 'all' | 'tools' | 'none') => carryReasoning(messages, { turns });
  expect(of('all')).toBeUndefined();
  expect(of('tools')).toEqual([
    ...[user('1'), bare(), user('2'), think('y', calling), tool, think('z'), user('3')],
  ]);
  expect(of('none')).toEqual([user('1'), bare(), user('2'), bare(calling), tool, bare(), user('3')]);
});

test('what is no reasoning of an assistant stays, whatever it looks like', () => {
  const messages = [
    { role: 'user', content: 'x', reasoning: 'mine' },
    { role: 'assistant', content: [{ type: 'text', text: 'a' }], name: 'n' },
    'odd',
    null,
  ];
  for (const as of spellings) expect(carryReasoning(messages, { as, turns: 'none' })).toBeUndefined();
  expect(carryReasoning('odd', { turns: 'none' })).toBeUndefined();
});

test('there and back is the same, for whatever was thought and said', () => {
  const words = fc.string({ minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.constantFrom(...spellings),
      fc.constantFrom(...spellings),
      words,
      words,
      (from, to, a, b) => {
        const answer = { choices: [{ index: 0, message: said[from](a, b), finish_reason: 'stop' }] };
        const there = respellAnswer(answer, to) ?? answer;
        expect(there).toEqual({ choices: [{ index: 0, message: said[to](a, b), finish_reason: 'stop' }] });
        expect(respellAnswer(there, from) ?? there).toEqual(answer);
      },
    ),
  );
});

describe.skipIf(withoutRecordings)('recorded reasoning (needs KOLBEN_TEST_DATA)', () => {
  const reasoningOf = (answer: JsonObject | null) => {
    const [choice] = (answer?.choices ?? []) as { message: JsonObject }[];
    return choice?.message ?? {};
  };
  const assemble = (chunks: JsonObject[]) => {
    const assembler = new CompletionAssembler();
    for (const chunk of chunks) assembler.add(chunk);
    return assembler.completion();
  };
  /** What was thought and said, whatever the spelling. */
  const meant = (answer: JsonObject | null) => {
    const message = reasoningOf(respellAnswer(answer ?? {}, 'reasoning') ?? answer);
    return [message.reasoning ?? '', message.content ?? ''];
  };

  test.each(streamNames().filter((name) => name.includes('reasoning')))(
    '%s, chunk by chunk, means the same in each spelling',
    (name) => {
      const chunks = streamChunks(name);
      const original = assemble(chunks);
      expect(meant(original)[0]).not.toBe('');
      for (const as of spellings) {
        const respelt = assemble(chunks.map((chunk) => respellChunk(chunk, as) ?? chunk));
        expect(meant(respelt)).toEqual(meant(original));
        const others = spellings.filter((spelling) => spelling !== as && spelling !== 'thinking');
        for (const other of others) expect(reasoningOf(respelt)).not.toHaveProperty(other);
      }
    },
  );

  test.each(plainNames().filter((name) => name.includes('reasoning') && !name.includes('error')))(
    '%s goes back into the next request as its provider spells it, and as any other does',
    (name) => {
      const message = reasoningOf(readObject(plainText(name)));
      const messages = [user('q'), message, user('and?')];
      const kept = spellings.filter((as) => carryReasoning(messages, { as, turns: 'all' }) === undefined);
      expect(kept.length).toBeLessThanOrEqual(1);
      const without = carryReasoning(messages, { turns: 'none' })?.[1];
      expect(JSON.stringify(without)).not.toMatch(/"reasoning|"thinking/);
    },
  );
});
