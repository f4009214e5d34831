/**
 * Tells texts that belong to none of the labels, by nothing but texts that do.
 *
 * A classifier's softmax may be sure of anything: it only compares labels with each other. How far the likeliest label's
 * logit stands out from the mean of all says more (Hendrycks et al., Scaling out-of-distribution detection for
 * real-world settings, arXiv 1911.11132, use the largest logit itself): where nothing known is found, none does.
 *
 * @module
 */
import { z } from 'zod';

/** A text with peak p belongs to the labels as far as λ = 1 / (1 + exp((centre - p) / width)). */
export interface NoveltyGate {
  readonly centre: number;
  /** Above 0. */
  readonly width: number;
}

export const noveltyGateSchema = z.object({ centre: z.number(), width: z.number().positive() });

/** How much a text with such a peak belongs, in [0, 1]. */
export function belonging({ centre, width }: NoveltyGate, peak: number): number {
  return 1 / (1 + Math.exp((centre - peak) / width));
}

/** The gate's width, as a share of the way from there to the median. */
const SOFTNESS = 0.05;

/**
 * The gate whose centre is a quantile of the peaks of texts that belong; open for everything where there are none.
 *
 * @param peaks of the tune split
 * @param share of its texts that are taken for strange, in (0, 0.5): what the recognition may cost. Default 0.02
 * @throws RangeError for a peak that isn't finite
 */
export function fitNoveltyGate(peaks: ArrayLike<number>, share = 0.02): NoveltyGate {
  const sorted = Float64Array.from(peaks).sort();
  if (!sorted.every(Number.isFinite)) throw new RangeError('The peaks of a novelty gate must be finite.');
  if (sorted.length === 0) return { centre: -1e6, width: 1 };
  const quantile = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
  const centre = quantile(share);
  const width = SOFTNESS * (quantile(0.5) - centre);
  // Where all are alike there is no distance to go by.
  return { centre, width: Math.max(width, 1e-3 * (1 + Math.abs(centre))) };
}
