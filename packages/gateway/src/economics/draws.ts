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
import { randomStream, shuffle } from '@kolben/engine';
import type { Amounts } from './monthly-cost.ts';
import { factorQuantile, level } from './quantiles.ts';
import { shareDraws } from './share-draws.ts';

/**
 * The amounts, n times, each with its draw of what isn't sure. Others may have their turn wherever it yields.
 *
 * @param n even, so that no draw is the very middle
 */
export function* drawAmounts(amounts: Amounts, n: number): Generator<void, Amounts[], undefined> {
  const shuffled = (name: string, quantiles: number[]) => shuffle(quantiles, randomStream('economics', name));
  const factors = (name: string, spread: number) =>
    shuffled(
      name,
      Array.from({ length: n }, (_, i) => factorQuantile((i + 0.5) / n, spread)),
    );
  const calls = factors('calls', amounts.callsSpread);
  yield;
  const tokens = factors('tokens', amounts.tokensSpread);
  yield;
  const price = factors('price', amounts.priceSpread);
  yield;
  const seen = Math.round(amounts.coverage * amounts.coverageExamples);
  const shares: number[] = [];
  for (const piece of shareDraws(n, seen, amounts.coverageExamples)) {
    shares.push(...piece);
    yield;
  }
  const coverage = shuffled('coverage', shares);
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
