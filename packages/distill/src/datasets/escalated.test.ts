import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { type Dataset, SPLITS } from './dataset.ts';
import { freezeDataset } from './freeze-dataset.ts';
import { splitsOfCalls } from './splits-of-calls.ts';

const textOf = (example: Example) => example.messages[0]!.content;
const escalated = (example: Example): Example => ({ ...example, extra: { drawn: 'escalated' } });
const judging = SPLITS.filter((split) => split !== 'train');
const textsOf = (dataset: Dataset, splits: readonly (typeof SPLITS)[number][]) =>
  new Set(splits.flatMap((split) => dataset.splits[split].map(({ text }) => text)));

describe('calls that a student left to the teacher', () => {
  it('are taught and never judge, whatever else there is', async () => {
    const pool = parcelExamples(900, { seed: 11 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 150, max: 600 }), fc.nat(50), async (random, seed) => {
        const examples = pool.map((one, i) => (i < random ? one : escalated(one)));
        const drawn = new Set(pool.slice(0, random).map(textOf));
        const dataset = await freezeDataset(examples, { seed });
        for (const text of textsOf(dataset, judging)) expect(drawn.has(text)).toBe(true);
        for (const split of judging) expect(dataset.splits[split].length).toBeGreaterThan(0);
        const backwards = await freezeDataset(examples.toReversed(), { seed });
        expect(backwards.digest).toBe(dataset.digest);
      }),
      { seed: 1, numRuns: 8 },
    );
  });

  it('judge by those of them that the lot fell on: as often as easy ones', async () => {
    const pool = parcelExamples(600, { seed: 12, noise: 0 });
    // Every second input is hard: the student left it to the teacher five times, and the lot fell on one of them.
    const examples = pool.flatMap((one, i) =>
      i % 2 === 0 ? [one] : [escalated(one), escalated(one), one, escalated(one), escalated(one)],
    );
    const dataset = await freezeDataset(examples, { seed: 3 });
    const plain = await freezeDataset(pool, { seed: 3 });
    for (const split of SPLITS)
      expect([...textsOf(dataset, [split])].sort()).toEqual([...textsOf(plain, [split])].sort());
  });

  it('are left out beside something that judges, and taught beside something that is taught', async () => {
    const pool = parcelExamples(500, { seed: 13, noise: 0 });
    const likes = pool.map((one) =>
      escalated({ ...one, messages: [{ role: 'user', content: `${textOf(one)} !` }] }),
    );
    const dataset = await freezeDataset([...pool, ...likes], { seed: 4 });
    const plain = await freezeDataset(pool, { seed: 4 });
    const own = new Set(pool.map(textOf));
    for (const split of judging)
      for (const { text } of dataset.splits[split]) expect(own.has(text)).toBe(true);
    const taught = dataset.splits.train.filter(({ text }) => !own.has(text)).length;
    expect(taught).toBeGreaterThan(200);
    expect(dataset.counts.n).toBe(plain.counts.n + taught);
    expect(dataset.warnings.at(-1)).toMatch(
      /^\d+ of \d+ calls that a student had left to the teacher were not taught/,
    );
  });

  it('alone make no dataset, and it says why', async () => {
    const pool = parcelExamples(200, { seed: 14 }).map(escalated);
    await expect(freezeDataset(pool, { seed: 0, source: 'mails' })).rejects.toMatchObject({
      code: 'dataset_escalated',
      message: expect.stringContaining('raise the task’s audit'.replace('’', "'")),
    });
  });
});

describe('calls that know their split', () => {
  it('stay in it in the next version, which names the one before it and counts every call once', async () => {
    const pool = parcelExamples(800, { seed: 15 }).map((one, i) => ({ ...one, id: `call_${i}` }));
    const first = await freezeDataset(pool.slice(0, 400), { seed: 0 });
    const marks = await splitsOfCalls(first, pool.slice(0, 400));
    expect(new Set(marks.values())).toEqual(new Set(SPLITS));
    const marked = pool.map((one) => {
      const split = marks.get(one.id);
      return split === undefined ? one : { ...one, split };
    });
    const second = await freezeDataset(marked, { seed: 7, follows: first });
    expect(second.parent).toBe(first.digest);
    expect(second.counts).toMatchObject({ read: 800, inherited: 0 });
    for (const split of SPLITS) {
      const now = textsOf(second, [split]);
      for (const { text } of first.splits[split]) expect(now.has(text)).toBe(true);
    }
    expect(second.counts.calibration).toBeGreaterThan(first.counts.calibration);
    // Only what is new has still to be marked.
    const later = await splitsOfCalls(second, marked);
    expect([...later.keys()].some((id) => marks.has(id))).toBe(false);
    expect(later.size).toBeGreaterThan(300);
  });
});
