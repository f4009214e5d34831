import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { examplesUntil } from '../explain/learned-dataset.ts';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { type Dataset, SPLITS, type Split } from './dataset.ts';
import { freezeDataset } from './freeze-dataset.ts';

const textOf = (example: Example) => example.messages[0]!.content;
const judging = SPLITS.filter((split) => split !== 'train');
const decidedAt = '2026-03-01T10:00:00.000Z';

function decide(example: Example, right: string, answer = example.answer!, at = decidedAt): Example {
  return {
    ...example,
    answer,
    extra: { ...example.extra, decided: right, decidedAt: at, teacherAnswer: example.answer },
  };
}

function answersOf(dataset: Dataset, split: Split): Map<string, string> {
  return new Map(dataset.splits[split].map(({ text, answer }) => [text, answer]));
}

describe('what people decided', () => {
  it('moves no example to another split, judges nothing, and is taught', async () => {
    const pool = parcelExamples(600, { seed: 21, noise: 0 });
    const labels = [...new Set(pool.map(({ answer }) => answer!))];
    const other = (answer: string) => labels[(labels.indexOf(answer) + 1) % labels.length]!;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 7 }), fc.nat(50), async (every, seed) => {
        const isDecided = (i: number) => i % every === 0;
        const examples = pool.map((one, i) =>
          isDecided(i) ? decide(one, 'neither', other(one.answer!)) : one,
        );
        const decided = new Set(pool.filter((_, i) => isDecided(i)).map(textOf));
        const plain = await freezeDataset(pool, { seed });
        const dataset = await freezeDataset(examples, { seed });
        for (const split of judging) expect(dataset.splits[split]).toEqual(plain.splits[split]);
        const [before, now] = [answersOf(plain, 'train'), answersOf(dataset, 'train')];
        expect([...now.keys()]).toEqual([...before.keys()]);
        let taught = 0;
        for (const [text, answer] of now) {
          expect(answer).toBe(decided.has(text) ? other(before.get(text)!) : before.get(text));
          if (decided.has(text)) taught++;
        }
        expect(taught).toBeGreaterThan(0);
        expect(dataset.warnings.at(-1)).toMatch(
          new RegExp(`^${taught} inputs are taught with the answer that people`),
        );
        const backwards = await freezeDataset(examples.toReversed(), { seed });
        expect(backwards.digest).toBe(dataset.digest);
      }),
      { seed: 1, numRuns: 6 },
    );
  });

  it('is left out of train where nobody can tell, and judges all the same', async () => {
    const pool = parcelExamples(500, { seed: 22, noise: 0 });
    const plain = await freezeDataset(pool, { seed: 3 });
    const dataset = await freezeDataset(
      pool.map((one, i) => (i % 4 === 0 ? decide(one, 'undecidable') : one)),
      { seed: 3 },
    );
    const doubtful = new Set(pool.filter((_, i) => i % 4 === 0).map(textOf));
    for (const split of judging) expect(dataset.splits[split]).toEqual(plain.splits[split]);
    expect(dataset.splits.train).toEqual(plain.splits.train.filter(({ text }) => !doubtful.has(text)));
    const gone = plain.counts.train - dataset.counts.train;
    expect(gone).toBeGreaterThan(50);
    expect(dataset.counts.n).toBe(plain.counts.n - gone);
  });

  it('counts as it was decided last, and beats the majority', async () => {
    const pool = parcelExamples(300, { seed: 23, noise: 0 });
    const later = '2026-03-02T10:00:00.000Z';
    const plain = await freezeDataset(pool, { seed: 1 });
    const first = plain.splits.train[0]!;
    const one = pool.find((example) => textOf(example) === first.text)!;
    const dataset = await freezeDataset(
      [...pool, one, one, decide(one, 'neither', 'brand-new', later), decide(one, 'student', 'ham')],
      { seed: 1 },
    );
    expect(answersOf(dataset, 'train').get(first.text)).toBe('brand-new');
    expect(dataset.labels).toContain('brand-new');
    expect(dataset.labels).not.toContain('ham');
  });

  it('later than a dataset is not of it', async () => {
    const pool = parcelExamples(200, { seed: 24 });
    const examples = pool.map((one, i) => (i % 3 === 0 ? decide(one, 'neither', 'x') : one));
    const until = async (end: string) => {
      const found: Example[] = [];
      for await (const one of examplesUntil(examples, new Date(end))) found.push(one);
      return found;
    };
    const upTo = pool.map((one) => ({ ...one }));
    const before = new Date(Math.max(...pool.map(({ at }) => at?.getTime() ?? 0), Date.parse('2026-02-28')));
    expect(await until(before.toISOString())).toEqual(upTo);
    expect(await until('2030-01-01')).toEqual(examples);
  });
});
