/**
 * The thresholds that the certificate will walk through, fixed from the tune split alone.
 *
 * Calibration examples must not enter here, not even their scores: then the hypotheses would depend on the
 * data that test them. All that is taken from calibration is how many examples it has, which the split
 * decides before any of them is looked at.
 *
 * @module
 */
import { fewestAnswered } from './binomial-tail.ts';
import type { ScoredAnswer } from './certificate.ts';

/** Coverages that are spread evenly over the stretch in which the walk is expected to end. */
const STEPS = 40;
/** The stretch ends where, by what tune predicts, a threshold would miss by so many standard deviations. */
const HOPELESS = -2.5;
/** Coverage that the stretch spans at the least. */
const SHORTEST = 0.05;
/** Weight of the scores, where they are probabilities, against the counts in the disagreement that is predicted. */
const TRUST = 0.75;
/** The strictest threshold is to answer this share at the least. */
export const LEAST_COVERAGE = 0.1;
/** How many times the fewest answered calls it is to be expected to have: at best, and where there are few examples. */
const ROOMY = 2;
const TIGHT = 1.2;
/** Coverage below which there is no need to be tight. */
const TIGHT_FROM = 0.6;

export interface ThresholdGridOptions {
  tune: readonly ScoredAnswer[];
  /** How many examples the calibration split has. */
  calibrationSize: number;
  alpha: number;
  delta: number;
}

/**
 * About 40 thresholds, strictly falling (strict to loose): quantiles of the tune scores.
 *
 * They begin at the coverage whose test is predicted to be passed with the most room, since a walk that fails at its
 * first step certifies nothing, and a stricter threshold, with fewer answers, may have less room than a looser one. They
 * end where a pass is no longer to be hoped for, and at last where all of tune is answered (decision 0100). Equal scores
 * give one threshold. Empty when tune is empty.
 */
export function thresholdGrid(options: ThresholdGridOptions): number[] {
  const { tune } = options;
  const sorted = [...tune].sort((a, b) => b.score - a.score);
  const total = sorted.length;
  if (total === 0) return [];
  const { start, end } = hopefulStretch(sorted, options);
  const coverages = Array.from({ length: STEPS }, (_, j) => start + ((end - start) * j) / (STEPS - 1));
  coverages.push(1);

  const thresholds: number[] = [];
  for (const coverage of coverages) {
    const answered = Math.min(total, Math.max(1, Math.round(coverage * total)));
    const threshold = sorted[answered - 1]!.score;
    if (thresholds.length === 0 || threshold < thresholds.at(-1)!) thresholds.push(threshold);
  }
  return thresholds;
}

/**
 * From where to where the walk should lead, as coverages. For each coverage c, the standard deviations by which the
 * predicted disagreement stays below alpha on calibration: (alpha - risk) √(c n) / √(alpha (1 - alpha)).
 */
function hopefulStretch(
  sorted: readonly ScoredAnswer[],
  { calibrationSize, alpha, delta }: ThresholdGridOptions,
): { start: number; end: number } {
  const total = sorted.length;
  const first = firstCoverage(calibrationSize, alpha, delta);
  // Counts on a small tune split are mostly noise; what calibrated scores expect is not.
  const trust = sorted.every(({ score }) => score >= 0 && score <= 1) ? TRUST : 0;
  const wrong = sorted.filter(({ correct }) => !correct).length;
  const unsure = sorted.reduce((sum, { score }) => sum + 1 - score, 0);
  // Scores may all be a little too careful, or too sure: together they expect what was counted.
  const share = (wrong + 1) / (unsure + 1);
  let counted = 0;
  let expected = 0;
  let most = Number.NEGATIVE_INFINITY;
  let start = first;
  let end = first;
  sorted.forEach(({ score, correct }, i) => {
    if (!correct) counted++;
    expected += share * (1 - score);
    const coverage = (i + 1) / total;
    // A threshold answers all of equal scores, in whatever order they stand.
    if (coverage < first || score === sorted[i + 1]?.score) return;
    // Half a disagreement is added so that none in a few doesn't pass for none ever.
    const risk = (trust * expected + (1 - trust) * counted + 0.5) / (i + 2);
    const room = ((alpha - risk) * Math.sqrt(coverage * calibrationSize)) / Math.sqrt(alpha * (1 - alpha));
    if (room > most) {
      most = room;
      start = coverage;
    }
    if (room >= HOPELESS) end = coverage;
  });
  return { start, end: Math.min(1, Math.max(end, start + SHORTEST)) };
}

/**
 * The coverage of the strictest threshold: at least 10 %, and enough that calibration is expected to have
 * twice the fewest answered calls, so that one disagreement or an unlucky count doesn't end the walk at once.
 * A small calibration split can't afford that: there, down to 1.2 times the fewest, but not below 60 %.
 */
export function firstCoverage(calibrationSize: number, alpha: number, delta: number): number {
  if (calibrationSize <= 0) return 1;
  const fewest = fewestAnswered(alpha, delta) / calibrationSize;
  const coverage = Math.min(ROOMY * fewest, Math.max(TIGHT_FROM, TIGHT * fewest));
  return Math.min(1, Math.max(LEAST_COVERAGE, coverage));
}

/** The fewest calibration examples with which the strictest threshold may answer this share: `firstCoverage` backwards. */
export function sizeToBeginAt(coverage: number, alpha: number, delta: number): number {
  const times = coverage >= 1 ? 1 : coverage >= TIGHT_FROM ? TIGHT : ROOMY;
  return Math.ceil((times * fewestAnswered(alpha, delta)) / coverage);
}
