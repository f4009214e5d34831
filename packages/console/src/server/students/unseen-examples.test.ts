import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unseenIn } from './unseen-examples.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
const example = (text: string, at: number, more: Partial<Example> = {}): Example => ({
  messages: [{ role: 'user', content: text }],
  answer: 'a',
  at: day(at),
  extra: {},
  ...more,
});
const student = (asOf: number, source = 'the recorded calls of mail') =>
  ({
    lineage: { created: day(asOf).toISOString(), source, dataset: { asOf: day(asOf).toISOString() } },
  }) as never;
const { signal } = new AbortController();
const texts = async (examples: readonly Example[], students: readonly never[], most = 100) =>
  (await unseenIn(examples, 'mail', students, { most, signal })).examples.map(
    ({ messages }) => messages[0]!.content,
  );

describe('unseenIn', () => {
  it('takes what came in after the datasets of all students', async () => {
    const calls = [example('one', 1), example('two', 5), example('three', 9)];
    expect(await texts(calls, [student(3)])).toEqual(['two', 'three']);
    expect(await texts(calls, [student(3), student(6)])).toEqual(['three']);
  });

  it('leaves out texts that came before, however they are spaced', async () => {
    expect(await texts([example('Where is it?', 1), example('Where  is it? ', 5)], [student(3)])).toEqual([]);
    expect(await texts([example('again', 4), example('again', 5)], [student(3)])).toEqual(['again']);
  });

  it('leaves out what a student left to the teacher, and what was chosen to learn from', async () => {
    const calls = [
      example('escalated', 5, { extra: { drawn: 'escalated' } }),
      example('chosen', 5, { extra: { drawn: 'chosen' } }),
      example('by lot', 5, { extra: { drawn: 'random' } }),
      example('unanswered', 5, { answer: undefined }),
    ];
    expect(await texts(calls, [student(3)])).toEqual(['by lot']);
  });

  it('holds a student to what the teacher said, also where a person decided otherwise', async () => {
    const decided = { decided: 'student', decidedAt: day(6).toISOString(), teacherAnswer: 'b' };
    const found = await unseenIn([example('one', 5, { extra: decided })], 'mail', [student(3)], {
      most: 1,
      signal,
    });
    expect(found.examples.map(({ answer }) => answer)).toEqual(['b']);
  });

  it('fills up with the test split, of students that were made from the recorded calls alone', async () => {
    const calls = [
      example('learned', 1, { split: 'train' }),
      example('test', 2, { split: 'test' }),
      example('later', 5),
    ];
    expect(await texts(calls, [student(3)])).toEqual(['test', 'later']);
    expect(await texts(calls, [student(3), student(3, 'mails.jsonl')])).toEqual(['later']);
    expect(await texts(calls, [student(3)], 1)).toEqual(['later']);
  });

  it('never gives what could have been learned, and the newest first to stay', async () => {
    const call = fc.record({
      text: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      split: fc.constantFrom('train', 'test', 'calibration', undefined),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 30 }),
        fc.nat(30),
        fc.integer({ min: 1, max: 8 }),
        async (all, asOf, most) => {
          const calls = all.map(({ text, split }, i) => example(text, i, { ...(split && { split }) }));
          const found = await unseenIn(calls, 'mail', [student(asOf)], { most, signal });
          expect(found.examples.length).toBeLessThanOrEqual(most);
          expect(found.later + found.test).toBe(found.examples.length);
          for (const one of found.examples) {
            if (one.at! > day(asOf)) {
              const before = calls.filter(({ at }) => at! < one.at!);
              expect(before.some(({ messages }) => messages[0]!.content === one.messages[0]!.content)).toBe(
                false,
              );
            } else expect(one.split).toBe('test');
          }
          const times = found.examples.map(({ at }) => at!.getTime());
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it('stops when nobody waits any more', async () => {
    const leave = new AbortController();
    leave.abort(new Error('left'));
    await expect(
      unseenIn([example('one', 1)], 'mail', [student(0)], { most: 1, signal: leave.signal }),
    ).rejects.toThrow('left');
  });
});
