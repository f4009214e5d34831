import { expect, it } from 'vitest';
import type { Dataset } from '../datasets/dataset.ts';
import { type FreezeDatasetOptions, freezeDataset } from '../datasets/freeze-dataset.ts';
import { splitsOfCalls } from '../datasets/splits-of-calls.ts';
import type { StudentContents } from '../students/folder/student-contents.ts';
import { parcelExamples } from '../testing/parcel-examples.ts';
import { learnedDataset } from './learned-dataset.ts';

const asOf = new Date('2026-03-01T00:00:00Z');
const examples = parcelExamples(80, { noise: 0 }).map((example, i) => ({
  ...example,
  messages: [
    { role: 'user', content: `${example.messages[0]!.content}, order K-${1000 + i}, 0664 123456${i % 10}` },
  ],
  at: new Date(asOf.getTime() - i * 3_600_000),
}));

/** What a student's folder tells of its dataset. */
function originOf({ digest, splitBy, seed, kind, multiple, labels, redaction, counts }: Dataset) {
  const task =
    kind === 'classify' ? { name: 't', kind, labels, multiple } : { name: 't', kind, equality: 'exact' };
  const dataset = { digest, splitBy, seed, asOf: asOf.toISOString(), ...counts };
  return {
    ...{ task, redaction, lineage: { dataset, seed: 99, created: '2026-04-01T00:00:00Z' } },
  } as unknown as StudentContents;
}

it.each<[string, Partial<FreezeDatasetOptions>]>([
  ['by themselves', {}],
  ['with a seed of its own, at random', { seed: 7, splitBy: 'random' }],
  ['as texts', { kind: 'generate' }],
  ['unredacted', { redact: false }],
  [
    'redacted in ways of one’s own',
    { redact: { countries: ['DE'], patterns: [{ name: 'order', pattern: /K-\d+/u }] } },
  ],
])('is made again as it was frozen: %s', async (_, options) => {
  const dataset = await freezeDataset(examples, { seed: 3, ...options });
  const origin = originOf(dataset);
  const later = { ...examples[0]!, answer: 'refund', at: new Date(asOf.getTime() + 1) };
  expect((await learnedDataset(origin, [...examples, later]))?.splits).toEqual(dataset.splits);
  expect(await learnedDataset(origin, examples.slice(1))).toBeUndefined();
  expect(await learnedDataset(origin, [])).toBeUndefined();
});

it('is made again as it was frozen, also as the next version of calls, from the marks that there were then', async () => {
  const calls = examples.map((one, i) => ({ ...one, id: `call_${i}` }));
  const middle = new Date(asOf.getTime() - 30 * 3_600_000);
  const marked = async (dataset: Dataset, some: typeof calls) => {
    const marks = await splitsOfCalls(dataset, some);
    return some.map((one) => (marks.has(one.id) ? { ...one, split: marks.get(one.id)! } : one));
  };
  const early = calls.filter(({ at }) => at <= middle);
  const first = await freezeDataset(early, { seed: 3 });
  const known = [...(await marked(first, early)), ...calls.filter(({ at }) => at > middle)];
  const second = await freezeDataset(known, { seed: 3, follows: first });
  // As they lie in the store when the second student has been trained: all of them know their split.
  const now = await marked(
    second,
    known.map(({ ...one }) => one),
  );
  expect((await learnedDataset({ ...originOf(first), ...asOfThen(first, middle) }, now))?.splits).toEqual(
    first.splits,
  );
  const origin = originOf(second);
  origin.lineage.dataset.parent = first.digest;
  origin.lineage.dataset.parentAsOf = middle.toISOString();
  expect((await learnedDataset(origin, now))?.splits).toEqual(second.splits);
});

/** The same origin as of another moment. */
function asOfThen(dataset: Dataset, then: Date): Pick<StudentContents, 'lineage'> {
  const { lineage } = originOf(dataset);
  return { lineage: { ...lineage, dataset: { ...lineage.dataset, asOf: then.toISOString() } } };
}
