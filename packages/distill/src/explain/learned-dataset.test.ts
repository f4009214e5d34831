import { expect, it } from 'vitest';
import type { Dataset } from '../datasets/dataset.ts';
import { type FreezeDatasetOptions, freezeDataset } from '../datasets/freeze-dataset.ts';
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
