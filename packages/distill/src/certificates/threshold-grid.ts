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

const COARSE = 5;
const FINE = 14;
const FINE_REACH = 0.15;

export interface ThresholdGridOptions {
  tune: readonly ScoredAnswer[];
  /** How many examples the calibration split has. */
  calibrationSize: number;
  alpha: number;
  delta: number;
}

/**
 * About 20 thresholds, strictly falling (strict to loose): quantiles of the tune scores.
 *
 * They begin where the expected count on calibration is comfortable (`firstCoverage`) and end where all of
 * tune is answered. Five are spread evenly up to the neighbourhood of the coverage at which the disagreement
 * on tune passes alpha, fourteen lie within it, since only there does a finer step gain coverage (decision
 * 0034). Equal scores give one threshold. Empty when tune is empty.
 */
export function thresholdGrid(options: ThresholdGridOptions): number[] {
  const { tune, calibrationSize, alpha, delta } = options;
  const sorted = [...tune].sort((a, b) => b.score - a.score);
  const total = sorted.length;
  if (total === 0) return [];
  const first = firstCoverage(calibrationSize, alpha, delta);
  const crossing = Math.max(first, loosestCoverage(sorted, alpha));
  const low = Math.max(first, crossing - FINE_REACH);
  const high = Math.min(1, crossing + FINE_REACH);
  const coverages: number[] = [];
  for (let j = 0; j < COARSE; j++) coverages.push(first + ((low - first) * j) / COARSE);
  for (let j = 0; j < FINE; j++) coverages.push(low + ((high - low) * j) / (FINE - 1));
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
 * The coverage of the strictest threshold: at least 10 %, and enough that calibration is expected to have
 * twice the fewest answered calls, so that one disagreement or an unlucky count doesn't end the walk at once.
 * A small calibration split can't afford that: there, down to 1.2 times the fewest, but not below 60 %.
 */
export function firstCoverage(calibrationSize: number, alpha: number, delta: number): number {
  if (calibrationSize <= 0) return 1;
  const fewest = fewestAnswered(alpha, delta) / calibrationSize;
  return Math.min(1, Math.max(0.1, Math.min(2 * fewest, Math.max(0.6, 1.2 * fewest))));
}

/** The largest share of the sorted answers, surest first, whose disagreement is at most alpha. */
function loosestCoverage(sorted: readonly ScoredAnswer[], alpha: number): number {
  let wrong = 0;
  let loosest = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (!sorted[i]!.correct) wrong++;
    if (wrong <= alpha * (i + 1)) loosest = (i + 1) / sorted.length;
  }
  return loosest;
}
