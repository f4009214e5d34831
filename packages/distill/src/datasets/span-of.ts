/**
 * When a dataset's examples were answered.
 *
 * @module
 */
import { type Dataset, SPLITS } from './dataset.ts';

/** The first and the last time, as ISO 8601; undefined where an example has none. */
export function spanOf({ splits }: Pick<Dataset, 'splits'>): [string, string] | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const split of SPLITS) {
    for (const { at } of splits[split]) {
      if (at === undefined) return undefined;
      first = Math.min(first, at.getTime());
      last = Math.max(last, at.getTime());
    }
  }
  return first > last ? undefined : [new Date(first).toISOString(), new Date(last).toISOString()];
}
