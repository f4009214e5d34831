/**
 * The distributions of what isn't known for sure.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { shareInterval } from '@kolben/distill';
import type erfcinv from '@stdlib/math-base-special-erfcinv';

const load = createRequire(import.meta.url);
const inverseErfc = (value: number): number =>
  (load('@stdlib/math-base-special-erfcinv') as typeof erfcinv)(value);

/** The share of draws that lies within the intervals that are told. */
export const level = 0.8;

/**
 * Loads the library of distributions, some hundred files at a stretch, 0.2 s: for a server, before anybody waits for it.
 */
export function loadDistributions(): void {
  factorQuantile(0.5, 2);
  shareQuantile(0.25, 1, 2);
}

/** The standard normal distribution's quantile. @param at in (0, 1) */
export function normalQuantile(at: number): number {
  return -Math.SQRT2 * inverseErfc(2 * at);
}

/** The quantile of what lies, with a probability of 80 %, within `spread` times below and above 1. */
export function factorQuantile(at: number, spread: number): number {
  if (spread === 1) return 1;
  return spread ** (normalQuantile(at) / normalQuantile((1 + level) / 2));
}

/** The quantile of a share that was seen as k of n: below the middle the lower exact limit, above it the upper. */
export function shareQuantile(at: number, k: number, n: number): number {
  const [low, high] = shareInterval(k, n, Math.abs(1 - 2 * at));
  return at < 0.5 ? low : high;
}
