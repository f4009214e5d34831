/**
 * Fisher's exact test, one-sided: the upper tail of the hypergeometric distribution.
 *
 * @module
 */

/**
 * P(X ≥ k), where X is the number of marked ones among `drawn`, taken without return from `all` of which `marked` are
 * marked. All whole, 0 ≤ marked, drawn ≤ all.
 */
export function hypergeometricTail(k: number, marked: number, drawn: number, all: number): number {
  const logs = new Float64Array(all + 1);
  for (let i = 2; i <= all; i++) logs[i] = logs[i - 1]! + Math.log(i);
  const choose = (n: number, of: number) => logs[of]! - logs[n]! - logs[of - n]!;
  const least = Math.max(k, 0, drawn + marked - all);
  const most = Math.min(marked, drawn);
  let tail = 0;
  for (let x = least; x <= most; x++) {
    tail += Math.exp(choose(x, marked) + choose(drawn - x, all - marked) - choose(drawn, all));
  }
  return Math.min(1, tail);
}
