/**
 * What follows from a dataset's examples: its digest and its labels.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { labelsOf } from './choose-kind.ts';
import { type Dataset, type DatasetExample, SPLITS } from './dataset.ts';

/** Of the kind, the parent, how texts were redacted, and all there is of every example, in the dataset's own order. */
export function digestOf({
  kind,
  multiple,
  parent,
  redaction,
  splits,
}: Pick<Dataset, 'kind' | 'multiple' | 'parent' | 'redaction' | 'splits'>): string {
  const redacted = redaction && [redaction.version, redaction.countries, redaction.patterns];
  const hash = createHash('sha256');
  hash.update(`${JSON.stringify(['kolben dataset 2', kind, multiple, parent, redacted])}\n`);
  for (const split of SPLITS) {
    for (const { text, answer, count, at, soft, conversations } of splits[split]) {
      const rest = [at?.toISOString() ?? null, soft ? Object.entries(soft) : null, conversations ?? null];
      hash.update(`${JSON.stringify([split, text, answer, count, ...rest])}\n`);
    }
  }
  return `sha256:${hash.digest('hex')}`;
}

/** All labels of these, each once, in code unit order. */
export function labelSet(examples: readonly DatasetExample[], multiple: boolean): string[] {
  const labels = new Set<string>();
  for (const { answer } of examples) for (const label of labelsOf(answer, multiple)) labels.add(label);
  return [...labels].sort();
}
