/**
 * Exact (Clopper–Pearson) limits of a share that was observed as k of n.
 *
 * Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial,
 * Biometrika 26 (1934). Exact means: the level is never undershot, whatever the share; Wilson's interval is
 * shorter but only right on average, and a promise must not be.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type quantile from '@stdlib/stats-base-dists-beta-quantile';

const load = createRequire(import.meta.url);

/** Loaded when it is first asked for: it is a hundred files, and few of those who load this package need it. */
let loaded: typeof quantile | undefined;
const betaQuantile = (...given: Parameters<typeof quantile>): number => {
  loaded ??= load('@stdlib/stats-base-dists-beta-quantile') as typeof quantile;
  return loaded(...given);
};

function assertCounts(k: number, n: number, level: number): void {
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 0 || k > n || !(level > 0 && level < 1)) {
    throw new RangeError(`Needs whole 0 ≤ k ≤ n and a level in (0, 1), not k = ${k}, n = ${n}, ${level}.`);
  }
}

/**
 * One-sided upper limit: with probability ≥ `level` over the draw, the true share is at or below it.
 * BetaInv(level; k + 1, n − k); 1 where every one of the n counts, and where n is 0.
 */
export function upperBound(k: number, n: number, level = 0.95): number {
  assertCounts(k, n, level);
  return k === n ? 1 : betaQuantile(level, k + 1, n - k);
}

/**
 * Two-sided interval [low, high]: with probability ≥ `level` the true share lies within; each side errs with
 * at most (1 − level) / 2. [0, 1] where n is 0.
 */
export function shareInterval(k: number, n: number, level = 0.95): [number, number] {
  assertCounts(k, n, level);
  const side = (1 - level) / 2;
  return [k === 0 ? 0 : betaQuantile(side, k, n - k + 1), upperBound(k, n, 1 - side)];
}
