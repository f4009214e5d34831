/**
 * What isn't known for sure, drawn many times: calls a day, tokens a call, prices and coverage.
 *
 * The first three are known up to a factor (a log-normal distribution around the figure, of which 80 % lie within the
 * spread). The coverage is a share that was seen in so many examples: its distribution is the one whose quantiles are the
 * exact limits of Clopper and Pearson, so that the interval of 80 % that comes out is theirs.
 *
 * Drawn in strata (McKay, Beckman and Conover, A comparison of three methods for selecting values of input variables,
 * Technometrics 21, 1979): each quantity takes every one of its n quantiles once, in an order of its own. That makes the
 * quantiles of sums and products steadier than independent draws; the order comes from a seed, so the same figures give
 * the same result anywhere.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { shareInterval } from '@kolben/distill';
import { randomStream, shuffle } from '@kolben/engine';
import type erfcinv from '@stdlib/math-base-special-erfcinv';
import type { Amounts } from './monthly-cost.ts';

const load = createRequire(import.meta.url);
const inverseErfc = (value: number): number =>
  (load('@stdlib/math-base-special-erfcinv') as typeof erfcinv)(value);

/** The share of draws that lies within the intervals that are told. */
export const level = 0.8;

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

/** The amounts, n times, each with its draw of what isn't sure. @param n even, so that no draw is the very middle */
export function drawAmounts(amounts: Amounts, n: number): Amounts[] {
  const stratified = (name: string, quantile: (at: number) => number) =>
    shuffle(
      Array.from({ length: n }, (_, i) => quantile((i + 0.5) / n)),
      randomStream('economics', name),
    );
  const calls = stratified('calls', (at) => factorQuantile(at, amounts.callsSpread));
  const tokens = stratified('tokens', (at) => factorQuantile(at, amounts.tokensSpread));
  const price = stratified('price', (at) => factorQuantile(at, amounts.priceSpread));
  const seen = Math.round(amounts.coverage * amounts.coverageExamples);
  const coverage = stratified('coverage', (at) => shareQuantile(at, seen, amounts.coverageExamples));
  return calls.map((factor, i) => ({
    ...amounts,
    callsPerDay: amounts.callsPerDay * factor,
    promptTokens: amounts.promptTokens * tokens[i]!,
    cachedTokens: amounts.cachedTokens * tokens[i]!,
    answerTokens: amounts.answerTokens * tokens[i]!,
    inputPerMillion: amounts.inputPerMillion * price[i]!,
    outputPerMillion: amounts.outputPerMillion * price[i]!,
    cachedInputPerMillion:
      amounts.cachedInputPerMillion === null ? null : amounts.cachedInputPerMillion * price[i]!,
    coverage: coverage[i]!,
  }));
}

/** Of draws: the middle one, and between which ones 80 % of them lie. Infinite ones count as any other. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** By rank, without mixing neighbours: a quantile between a number and infinity must be one of them. */
export function spreadOf(draws: readonly number[]): Spread {
  const sorted = Float64Array.from(draws).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { median: at(0.5), low: at((1 - level) / 2), high: at((1 + level) / 2) };
}
