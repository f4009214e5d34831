import { randomStream, shuffle } from '@kolben/engine';
import type { Example } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { type Dataset, SPLITS } from './dataset.ts';
import { DatasetError } from './dataset-error.ts';
import { freezeDataset } from './freeze-dataset.ts';

const textOf = (example: Example) => example.messages[0]!.content;
const said = (text: string, answer: string, more: Partial<Example> = {}): Example => ({
  messages: [{ role: 'user', content: text }],
  answer,
  extra: {},
  ...more,
});
const splitOf = (dataset: Dataset, text: string) =>
  SPLITS.find((split) => dataset.splits[split].some((one) => one.text === text));
const places = (dataset: Dataset) =>
  new Map(SPLITS.flatMap((split) => dataset.splits[split].map((one) => [one.text, split] as const)));

describe('the next version of a dataset', () => {
  it('keeps every example of its parent where it was, whatever is new', async () => {
    const pool = parcelExamples(700, { seed: 3, noise: 0 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 60, max: 350 }),
        fc.integer({ min: 1, max: 350 }),
        fc.boolean(),
        fc.nat(50),
        async (before, added, again, seed) => {
          const parent = await freezeDataset(pool.slice(0, before), { seed });
          const examples = pool.slice(again ? 0 : before, before + added);
          const child = await freezeDataset(examples, { seed: seed + 1, parent });
          expect(child.parent).toBe(parent.digest);
          expect(child.counts.inherited).toBe(
            again ? Math.max(0, before - examples.length) : parent.counts.n,
          );
          const now = places(child);
          for (const [text, split] of places(parent)) expect(now.get(text)).toBe(split);
          expect(child.counts.n).toBe(new Set(pool.slice(0, before + added).map(textOf)).size);
          const { n, read, inherited, unlabelled, strays, duplicatesRemoved, contradicting } = child.counts;
          expect(n + unlabelled + strays + duplicatesRemoved + contradicting).toBe(read + inherited);
          const shuffled = await freezeDataset(shuffle([...examples], randomStream(1)), {
            seed: seed + 1,
            parent,
          });
          expect(shuffled.digest).toBe(child.digest);
        },
      ),
      { seed: 1, numRuns: 15 },
    );
  });

  it('deals out what is new, in the usual shares', async () => {
    const pool = parcelExamples(2000, { seed: 4 });
    const parent = await freezeDataset(pool.slice(0, 1000), { seed: 0 });
    const child = await freezeDataset(pool, { seed: 0, parent });
    const alone = await freezeDataset(pool, { seed: 0 });
    for (const split of SPLITS) {
      expect(Math.abs(child.counts[split] - alone.counts[split])).toBeLessThanOrEqual(
        0.1 * alone.counts[split] + 5,
      );
    }
    expect(child.digest).not.toBe(alone.digest);
  });

  it('puts what is nearly a test example, or of its conversation, beside it', async () => {
    const pool = parcelExamples(600, { seed: 5 }).map((one, i) => ({ ...one, conversation: `c${i}` }));
    const parent = await freezeDataset(pool, { seed: 0 });
    const test = new Set(parent.splits.test.map((one) => one.text));
    const ofTest = pool.filter((one) => test.has(textOf(one)));
    expect(ofTest.length).toBeGreaterThan(20);
    const likes = ofTest.map((one) => said(`${textOf(one)}!`, one.answer!));
    const others = parcelExamples(30, { seed: 6 });
    const replies = ofTest.slice(0, 30).map((one, i) =>
      said(
        `about my question from yesterday, number ${7 ** 7 * (i + 1)}: ${textOf(others[i]!)}`,
        one.answer!,
        {
          conversation: one.conversation!,
        },
      ),
    );
    const child = await freezeDataset([...likes, ...replies], { seed: 0, parent });
    for (const one of [...likes, ...replies]) expect(splitOf(child, textOf(one))).toBe('test');
  });

  it('takes a new answer to an old input, in its old place', async () => {
    const pool = parcelExamples(300, { seed: 7, noise: 0 });
    const parent = await freezeDataset(pool, { seed: 0 });
    const [one] = parent.splits.calibration;
    const child = await freezeDataset([said(one!.text, 'other')], { seed: 0, parent });
    expect(child.splits.calibration.find(({ text }) => text === one!.text)?.answer).toBe('other');
    expect(child.counts).toMatchObject({ conflicts: 0, inherited: parent.counts.n - 1 });
  });

  it('tells of labels that were added, and of those that train lost', async () => {
    const pool = parcelExamples(400, { seed: 8, noise: 0 });
    const parent = await freezeDataset(pool, { seed: 0 });
    const strange = Array.from({ length: 20 }, (_, i) =>
      said(`${i * 7919} where can i fly to, ${7 ** i % 1009}`, 'travel'),
    );
    const child = await freezeDataset([...pool, ...strange], { seed: 0, parent });
    expect(child.labels).toEqual([...parent.labels, 'travel'].sort());
    expect(child.warnings).toEqual([
      expect.stringMatching(/^1 labels are new since the parent.*: travel\.$/),
    ]);
    const relabelled = pool.map((one) => ({
      ...one,
      answer: one.answer === 'thanks' ? 'refund' : one.answer!,
    }));
    const less = await freezeDataset(relabelled, { seed: 0, parent });
    expect(less.warnings).toEqual([
      expect.stringMatching(/^1 labels of the parent occur in train no more: thanks\.$/),
    ]);
  });

  it('is of its parent’s kind, and as redacted', async () => {
    const parent = await freezeDataset(parcelExamples(100), { seed: 0 });
    for (const options of [{ kind: 'extract' }, { multiple: true }, { redact: false }] as const) {
      const refused = freezeDataset(parcelExamples(100), { seed: 0, parent, ...options });
      await expect(refused).rejects.toMatchObject({ code: 'dataset_parent' });
      await expect(refused).rejects.toBeInstanceOf(DatasetError);
    }
    const open = await freezeDataset([...parcelExamples(100), said('call 0664 1234567 now', 'delay')], {
      seed: 0,
      redact: false,
    });
    expect(splitOf(open, 'call 0664 1234567 now')).toBeDefined();
    const child = await freezeDataset(parcelExamples(120), { seed: 0, parent: open });
    expect(splitOf(child, 'call [phone] now')).toBe(splitOf(open, 'call 0664 1234567 now'));
    expect(splitOf(child, 'call 0664 1234567 now')).toBeUndefined();
  });
});
