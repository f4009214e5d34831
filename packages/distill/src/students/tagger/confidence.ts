/**
 * From the scores of an answer to the probability that the teacher would have given the very same: a logistic model of
 * few numbers, fitted on the tune split.
 *
 * @module
 */
import { z } from 'zod';
import { belonging, noveltyGateSchema } from '../../certificates/novelty.ts';
import type { Scores } from './decode.ts';

export const confidenceSchema = z.object({
  bias: z.number(),
  weights: z.array(z.number()),
  /** What tells texts that are no case of the task; students made before there was one have none. */
  novelty: noveltyGateSchema.optional(),
});

export type ConfidenceModel = z.infer<typeof confidenceSchema>;

/** In the order of the weights. Logarithms, that of a sure answer near 0. */
function features({ choices, tags, leastTag, leastChoice }: Scores): number[] {
  // The mean of a few logarithms says little, their sum and the worst of them much; roots tame the tail.
  return [
    tags,
    leastTag,
    choices,
    leastChoice,
    -Math.sqrt(Math.max(0, -tags)),
    -Math.sqrt(Math.max(0, -leastTag)),
  ];
}

export const confidenceFeatures = 6;

/** In (0, 1): of an answer as such, times how much its text, by its peak (`peak.ts`), is a case of the task. */
export function confidenceOf(
  scores: Scores,
  peak: number,
  { bias, weights, novelty }: ConfidenceModel,
): number {
  const sum = features(scores).reduce((total, value, i) => total + value * weights[i], bias);
  return (novelty ? belonging(novelty, peak) : 1) / (1 + Math.exp(-sum));
}

/** Of the probability itself, where nothing could be fitted. */
export const plainConfidence: ConfidenceModel = { bias: 3, weights: [1, 0, 1, 0, 0, 0] };

/**
 * Logistic regression by Newton's method with a ridge, weights kept at 0 or above: more certain parts never make a less
 * certain whole.
 *
 * @param correct whether each answer was the teacher's
 */
export function fitConfidence(scores: readonly Scores[], correct: readonly boolean[]): ConfidenceModel {
  if (scores.length === 0 || correct.every(Boolean) || !correct.some(Boolean)) return plainConfidence;
  const rows = scores.map(features);
  const deviations = rows[0].map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / rows.length;
    return Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / rows.length) || 1;
  });
  const scaled = rows.map((row) => [...row.map((value, j) => value / deviations[j]), 1]);
  const weights = new Array<number>(scaled[0].length).fill(0);
  const ridge = 0.5;
  // Coordinate descent with Newton steps: convex, and bounds are simple to keep.
  for (let round = 0; round < 200; round++) {
    let moved = 0;
    for (let j = 0; j < weights.length; j++) {
      const last = j === weights.length - 1;
      let [gradient, curvature] = last ? [0, 1e-6] : [ridge * weights[j], ridge];
      scaled.forEach((row, i) => {
        const p = 1 / (1 + Math.exp(-row.reduce((sum, value, k) => sum + value * weights[k], 0)));
        gradient += (p - Number(correct[i])) * row[j];
        curvature += p * (1 - p) * row[j] * row[j];
      });
      const step = Math.max(-1, Math.min(1, gradient / curvature));
      const next = last ? weights[j] - step : Math.max(0, weights[j] - step);
      moved = Math.max(moved, Math.abs(next - weights[j]));
      weights[j] = next;
    }
    if (moved < 1e-6) break;
  }
  return {
    bias: weights[weights.length - 1],
    weights: weights.slice(0, -1).map((weight, j) => weight / deviations[j]),
  };
}
