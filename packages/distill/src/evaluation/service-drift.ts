/**
 * Whether the calls in service look as the calibration split did: how sure the student is of them, and how much of their
 * words and n-grams it doesn't know. Ten bins each, no texts.
 *
 * @module
 */
import type { z } from 'zod';
import type { calibratedSchema } from '../students/folder/student-contents.ts';
import { compare, type Divergence } from './drift.ts';

export type Calibrated = z.infer<typeof calibratedSchema>;

const bins = 10;

/** The bin of a value in [0, 1]: 0 to 9. */
export function driftBin(value: number): number {
  return Math.max(0, Math.min(bins - 1, Math.floor(value * bins)));
}

/** How many of these values, in [0, 1], lie in each bin. */
export function histogramOf(values: readonly number[]): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[driftBin(value)]++;
  return counts;
}

export function calibratedOf(
  confidences: readonly number[],
  unknownGrams: readonly (number | null)[] | null,
): Calibrated {
  return {
    n: confidences.length,
    confidence: sharesOf(histogramOf(confidences)),
    unknownGrams:
      unknownGrams === null
        ? null
        : sharesOf(histogramOf(unknownGrams.filter((one): one is number => one !== null))),
  };
}

/** One measure of the calls in service beside the calibration split's. */
export interface MeasuredDrift extends Divergence {
  /** Calls counted. */
  readonly n: number;
  /** Shares by bin. */
  readonly before: readonly number[];
  readonly now: readonly number[];
  /** Middles of the bins, weighted: about the means. */
  readonly means: { readonly before: number; readonly now: number };
}

/** Null where the folder tells nothing of it, or there are no calls. */
export function measuredDrift(
  before: readonly number[] | null | undefined,
  calibrated: number,
  counts: readonly number[],
): MeasuredDrift | null {
  const n = counts.reduce((sum, one) => sum + one, 0);
  if (!before || calibrated === 0 || n === 0) return null;
  const now = sharesOf([...counts, ...new Array<number>(bins - counts.length).fill(0)]);
  return {
    ...compare(before, calibrated, now, n),
    ...{ n, before: [...before], now, means: { before: meanOf(before), now: meanOf(now) } },
  };
}

function sharesOf(counts: readonly number[]): number[] {
  const n = counts.reduce((sum, one) => sum + one, 0);
  return counts.map((count) => (n === 0 ? 0 : count / n));
}

function meanOf(shares: readonly number[]): number {
  return shares.reduce((sum, share, bin) => sum + share * ((bin + 0.5) / bins), 0);
}
