/**
 * How far confidence and agreement lie apart: the expected calibration error.
 *
 * Naeini et al., Obtaining well calibrated probabilities using Bayesian binning (AAAI 2015): the confidences
 * are put into bins of equal width, and the gaps between mean confidence and share of correct answers are
 * averaged, weighted by the answers in each bin. A figure for the report; the certificate doesn't rest on it.
 *
 * @module
 */
import type { ScoredAnswer } from './certificate.ts';

/** One bar of a reliability diagram. */
export interface ReliabilityBin {
  /** The bin holds confidences in [low, high); the last one also its upper edge. */
  low: number;
  high: number;
  n: number;
  meanConfidence: number;
  accuracy: number;
}

/** The bins that hold at least one answer, from low to high. Scores must be confidences in [0, 1]. */
export function reliabilityBins(answers: readonly ScoredAnswer[], bins = 15): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ n: 0, confidence: 0, correct: 0 }));
  for (const { score, correct } of answers) {
    if (!(score >= 0 && score <= 1)) throw new RangeError(`A confidence lies in [0, 1], not at ${score}.`);
    const bin = sums[Math.min(bins - 1, Math.floor(score * bins))]!;
    bin.n++;
    bin.confidence += score;
    if (correct) bin.correct++;
  }
  return sums.flatMap(({ n, confidence, correct }, i) =>
    n === 0
      ? []
      : [{ low: i / bins, high: (i + 1) / bins, n, meanConfidence: confidence / n, accuracy: correct / n }],
  );
}

/** Expected calibration error in [0, 1]; 0 when there are no answers. */
export function calibrationError(answers: readonly ScoredAnswer[], bins = 15): number {
  let sum = 0;
  for (const bin of reliabilityBins(answers, bins))
    sum += bin.n * Math.abs(bin.meanConfidence - bin.accuracy);
  return answers.length === 0 ? 0 : sum / answers.length;
}
