/**
 * Whether inputs look as they did when the student was made.
 *
 * Two sets of counts are compared by the Jensen–Shannon divergence of their shares, in bits, from 0 (alike) to 1
 * (nothing in common) (Lin, Divergence measures based on the Shannon entropy, 1991). Samples differ by chance too: what
 * chance alone makes is found by drawing both samples anew from what they have together.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import type { z } from 'zod';
import type { referenceSchema } from '../students/folder/student-contents.ts';

/** What the test split looked like to the student. */
export type Reference = z.infer<typeof referenceSchema>;

export interface Divergence {
  /** In bits, 0 to 1. */
  readonly divergence: number;
  /** What 19 of 20 pairs of samples stay below where nothing has changed. */
  readonly byChance: number;
  readonly drifted: boolean;
}

export interface Drift {
  readonly confidence: Divergence;
  /** Null where answers aren't labels. */
  readonly answers: Divergence | null;
  /** Shares of words that the training split doesn't hold; null where the family doesn't tell. */
  readonly unknownWords: { readonly before: number; readonly now: number } | null;
  /** What was more and what was less often answered than before, by the difference of shares, the largest first. */
  readonly moved: readonly { readonly answer: string; readonly before: number; readonly now: number }[];
}

const bins = 10;
const mostAnswers = 1000;
const mostMoved = 10;

/**
 * Statistics of answers, without a text.
 *
 * @param given confidences in [0, 1]
 * @param labels whether answers are labels: others may hold what somebody wrote, and aren't kept
 */
export function referenceOf(
  given: readonly { readonly answer: string; readonly confidence: number }[],
  unknownWords: number | null,
  labels: boolean,
): Reference {
  const n = given.length;
  const confidence = new Array<number>(bins).fill(0);
  for (const one of given) confidence[binOf(one.confidence)]++;
  const counts = countAnswers(given.map(({ answer }) => answer));
  return {
    n,
    confidence: confidence.map((count) => (n === 0 ? 0 : count / n)),
    answers: !labels
      ? null
      : [...counts]
          .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
          .slice(0, mostAnswers)
          .map(([answer, count]): [string, number] => [answer, count / n]),
    unknownWords,
  };
}

const binOf = (confidence: number) => Math.max(0, Math.min(bins - 1, Math.floor(confidence * bins)));

function countAnswers(answers: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return counts;
}

/** Null where one of them counts nothing. */
export function driftOf(before: Reference, now: Reference): Drift | null {
  if (before.n === 0 || now.n === 0) return null;
  const was = new Map(before.answers ?? []);
  const is = new Map(now.answers ?? []);
  const labels = before.answers !== null && now.answers !== null;
  const names = [...new Set([...was.keys(), ...is.keys()])].sort();
  const shares = (of: Map<string, number>) => {
    const listed = names.map((name) => of.get(name) ?? 0);
    return [...listed, Math.max(0, 1 - listed.reduce((sum, share) => sum + share, 0))];
  };
  return {
    confidence: compare(before.confidence, before.n, now.confidence, now.n),
    answers: labels ? compare(shares(was), before.n, shares(is), now.n) : null,
    unknownWords:
      before.unknownWords === null || now.unknownWords === null
        ? null
        : { before: before.unknownWords, now: now.unknownWords },
    moved: (labels ? names : [])
      .map((answer) => ({ answer, before: was.get(answer) ?? 0, now: is.get(answer) ?? 0 }))
      .filter((one) => one.before !== one.now)
      .sort((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before))
      .slice(0, mostMoved),
  };
}

const draws = 200;
/** Larger samples than this differ by chance too little to matter. */
const mostDrawn = 5000;

/** Two distributions over the same outcomes, each with the size of its sample. */
export function compare(
  one: readonly number[],
  ones: number,
  other: readonly number[],
  others: number,
): Divergence {
  const divergence = jensenShannon(one, other);
  const pooled = one.map((share, i) => (share * ones + other[i] * others) / (ones + others));
  const sums: number[] = [];
  let sum = 0;
  for (const share of pooled) {
    sum += share;
    sums.push(sum);
  }
  const draw = randomStream(0, 'drift');
  const sample = (n: number) => {
    const counts = new Array<number>(sums.length).fill(0);
    for (let i = 0; i < n; i++) counts[firstAbove(sums, uniform(draw) * sum)]++;
    return counts.map((count) => count / n);
  };
  const [n, m] = [ones, others].map((size) => Math.min(mostDrawn, size));
  const found = Array.from({ length: draws }, () => jensenShannon(sample(n), sample(m))).sort(
    (a, b) => a - b,
  );
  const byChance = found[Math.ceil(0.95 * draws) - 1];
  return { divergence, byChance, drifted: divergence > byChance };
}

function firstAbove(sums: readonly number[], value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** In bits, of two distributions over the same outcomes. */
export function jensenShannon(one: readonly number[], other: readonly number[]): number {
  let bits = 0;
  one.forEach((p, i) => {
    const q = other[i];
    const middle = (p + q) / 2;
    if (p > 0) bits += (p / 2) * Math.log2(p / middle);
    if (q > 0) bits += (q / 2) * Math.log2(q / middle);
  });
  return Math.max(0, Math.min(1, bits));
}
