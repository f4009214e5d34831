/**
 * The baseline that reads nothing: always the commonest answer.
 *
 * @module
 */

/** The commonest label; of several equally common ones the first in code unit order. */
export function majorityLabel(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  let best: string | undefined;
  for (const [label, count] of counts) {
    const most = best === undefined ? 0 : counts.get(best)!;
    if (count > most || (count === most && label < best!)) best = label;
  }
  if (best === undefined) throw new RangeError('There is no commonest of no labels.');
  return best;
}
