/**
 * The lower tail of the binomial distribution, the p-value of one step of the certificate's walk.
 *
 * The sum is the regularised incomplete beta function I_{1−p}(n−k, k+1), which @stdlib computes; it agrees
 * with exact summation to a relative 1e-9 at a million trials (binomial-tail.test.ts).
 *
 * @module
 */
import { createRequire } from 'node:module';
import type cdf from '@stdlib/stats-base-dists-binomial-cdf';

const load = createRequire(import.meta.url);

/** Loaded when it is first asked for: see `upper-bound.ts`. */
let loaded: typeof cdf | undefined;
const binomialCdf = (...given: Parameters<typeof cdf>): number => {
  // Kept, since a certificate asks hundreds of times.
  loaded ??= load('@stdlib/stats-base-dists-binomial-cdf') as typeof cdf;
  return loaded(...given);
};

/**
 * P(Bin(n, p) ≤ k).
 *
 * @param k whole number; below 0 the tail is 0, at or above n it is 1
 * @param n trials, whole, ≥ 0
 * @param p chance of success in one trial, in [0, 1]
 * @throws RangeError on anything else
 */
export function binomialTail(k: number, n: number, p: number): number {
  if (!Number.isInteger(k) || !Number.isInteger(n) || n < 0 || !(p >= 0 && p <= 1)) {
    throw new RangeError(`binomialTail needs whole k and n ≥ 0 and p in [0, 1], not ${k}, ${n}, ${p}.`);
  }
  return binomialCdf(k, n, p);
}

/**
 * The fewest answered calls from which a certificate can follow, all of them in agreement:
 * the smallest n with (1 − alpha)^n ≤ delta, that is ⌈ln δ / ln(1 − α)⌉; 59 for α = δ = 0.05.
 */
export function fewestAnswered(alpha: number, delta: number): number {
  return Math.ceil(Math.log(delta) / Math.log1p(-alpha));
}
