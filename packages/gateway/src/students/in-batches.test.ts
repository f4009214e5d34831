import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batches } from './in-batches.ts';

/** A student that answers when it's told to. */
function held() {
  const batches: { texts: readonly string[]; go(): void; fail(error: Error): void }[] = [];
  return {
    batches,
    answer: (texts: readonly string[]) =>
      new Promise<{ answer: string; confidence: number; certified: boolean }[]>((resolve, reject) => {
        batches.push({
          texts,
          go: () =>
            resolve(texts.map((text) => ({ answer: text.toUpperCase(), confidence: 1, certified: true }))),
          fail: reject,
        });
      }),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a text goes to a free chip at once; what comes meanwhile goes together when one is free again', async () => {
  const student = held();
  const batches = new Batches(student, 2);
  const answers = ['a', 'b', 'c', 'd', 'e'].map((text) => batches.ask(text));
  expect(student.batches.map(({ texts }) => texts)).toEqual([['a'], ['b']]);
  student.batches[1]!.go();
  await turn();
  expect(student.batches.map(({ texts }) => texts)).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  student.batches[0]!.go();
  student.batches[2]!.go();
  expect((await Promise.all(answers)).map(({ answer }) => answer)).toEqual(['A', 'B', 'C', 'D', 'E']);
});

test('a text that the student can’t take fails alone', async () => {
  const batches = new Batches(
    {
      answer: async (texts) => {
        await turn();
        if (texts.includes('bad')) throw new Error('no');
        return texts.map((answer) => ({ answer, confidence: 1, certified: true }));
      },
    },
    1,
  );
  const asked = ['first', 'a', 'bad', 'b'].map((text) => batches.ask(text));
  expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  // And the queue goes on.
  expect(await batches.ask('c')).toMatchObject({ answer: 'c' });
});

test.each([
  ['none', []],
  ['one that is no text', [{ answer: 1, confidence: 1, certified: true }]],
  ['one surer than sure', [{ answer: 'a', confidence: 1.5, certified: true }]],
  ['one that is not sure of anything', [{ answer: 'a', confidence: Number.NaN, certified: true }]],
])('an answer that is %s is a failure', async (_what, said) => {
  const batches = new Batches({ answer: async () => said as never }, 1);
  await expect(batches.ask('a')).rejects.toThrow(TypeError);
});

test('every text gets its own answer, and never more batches are under way than there are chips', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.tuple(fc.string(), fc.nat(3)), { maxLength: 200 }),
      async (chips, calls) => {
        let running = 0;
        const batches = new Batches(
          {
            answer: async (texts) => {
              running += 1;
              expect(running).toBeLessThanOrEqual(chips);
              expect(texts.length).toBeLessThanOrEqual(64);
              await turn();
              running -= 1;
              return texts.map((text) => ({ answer: `${text}!`, confidence: 0.5, certified: false }));
            },
          },
          chips,
        );
        const answers = await Promise.all(
          calls.map(async ([text, turns]) => {
            for (let i = 0; i < turns; i++) await turn();
            return (await batches.ask(text)).answer;
          }),
        );
        expect(answers).toEqual(calls.map(([text]) => `${text}!`));
      },
    ),
    { numRuns: 30 },
  );
});
