/**
 * Issues a certificate, or says why there is none (design, section 5).
 *
 * Fixed-sequence testing over thresholds that tune has fixed: each hypothesis "the disagreement at or above
 * this threshold exceeds alpha" is tested at the full delta, strict to loose, until the first that isn't
 * rejected. A false rejection anywhere needs one at the first true hypothesis in the order, which has
 * probability ≤ delta, so the whole walk errs with probability ≤ delta.
 * Angelopoulos et al., Learn then Test (arXiv 2110.01052); Geifman and El-Yaniv (arXiv 1705.08500).
 *
 * @module
 */
import { binomialTail, fewestAnswered } from './binomial-tail.ts';
import type { Certificate, CertifyResult, Refusal, ScoredAnswer, WalkStep } from './certificate.ts';
import { assertLevels } from './certificate-error.ts';
import { thresholdGrid } from './threshold-grid.ts';
import { shareInterval, upperBound } from './upper-bound.ts';

export interface CertifyOptions {
  /** The student's answers on the tune split: where thresholds come from. */
  tune: readonly ScoredAnswer[];
  /** The student's answers on the calibration split, which nothing has been fitted on. */
  calibration: readonly ScoredAnswer[];
  /** Largest share of disagreement to be claimed, in (0, 1). */
  alpha: number;
  /** Largest probability that the claim is false, in (0, 1). */
  delta: number;
  /** Examples in the whole dataset, to turn missing calibration examples into calls. Default: calibration's. */
  calls?: number;
}

/**
 * @throws CertificateError `certificate_level` for alpha or delta outside (0, 1)
 * @throws RangeError for a score that isn't finite
 */
export function certify(options: CertifyOptions): CertifyResult {
  const { tune, calibration, alpha, delta } = options;
  assertLevels({ alpha, delta });
  assertScores(tune);
  assertScores(calibration);
  const thresholds = thresholdGrid({ tune, calibrationSize: calibration.length, alpha, delta });
  const counted = countAbove(calibration, thresholds);

  const walk: WalkStep[] = [];
  for (const { threshold, n, disagreements } of counted) {
    const p = binomialTail(disagreements, n, alpha);
    const passed = n > 0 && p <= delta;
    walk.push({ threshold, n, disagreements, p, passed });
    if (!passed) break;
  }
  const chosen = walk.findLast((step) => step.passed);
  if (!chosen) return { certificate: null, ...explain(options, counted), walk };

  const certificate: Certificate = {
    alpha,
    delta,
    threshold: chosen.threshold,
    coverage: chosen.n / calibration.length,
    coverageInterval: shareInterval(chosen.n, calibration.length),
    disagreementUpperBound: upperBound(chosen.disagreements, chosen.n, 1 - delta),
    n: chosen.n,
  };
  return { certificate, disagreements: chosen.disagreements, walk };
}

interface Counted {
  threshold: number;
  n: number;
  disagreements: number;
}

function countAbove(answers: readonly ScoredAnswer[], thresholds: readonly number[]): Counted[] {
  const sorted = [...answers].sort((a, b) => b.score - a.score);
  let n = 0;
  let disagreements = 0;
  return thresholds.map((threshold) => {
    while (n < sorted.length && sorted[n]!.score >= threshold) {
      if (!sorted[n]!.correct) disagreements++;
      n++;
    }
    return { threshold, n, disagreements };
  });
}

/** Why no threshold passed, and about how many more calls would let one pass at the rates seen. */
function explain(
  options: CertifyOptions,
  counted: readonly Counted[],
): { reason: string; refusal: Refusal; callsNeeded: number | null } {
  const { tune, calibration, alpha, delta } = options;
  const claim = `at most ${percent(alpha)} disagreement with ${percent(1 - delta)} confidence`;
  const fewest = fewestAnswered(alpha, delta);
  const callsNeeded = estimateCalls(options, counted);
  const more =
    callsNeeded === null
      ? 'even where it is surest it disagrees too often, so it needs more examples to learn from, cleaner answers or a larger alpha'
      : `about ${callsNeeded} more calls would be needed`;
  const claimed = {
    ...{ alpha, confidence: 1 - delta, calibration: calibration.length },
    ...(callsNeeded !== null && { callsNeeded }),
  };

  if (calibration.length < fewest) {
    return {
      reason: `The calibration split has ${calibration.length} examples, and ${claim} takes ${fewest} without a disagreement at the least: ${more}.`,
      refusal: { code: 'calibration_small', values: { ...claimed, fewest } },
      callsNeeded,
    };
  }
  if (tune.length === 0) {
    return {
      reason: `The tune split is empty, so there is no threshold to test: ${more}.`,
      refusal: { code: 'tune_empty', values: claimed },
      callsNeeded,
    };
  }
  const { n, disagreements } = counted[0]!;
  return {
    reason: `Where the student is surest (${n} of ${calibration.length} calibration examples) it disagreed with the teacher in ${disagreements}, which does not show ${claim}: ${more}.`,
    refusal: { code: 'disagrees', values: { ...claimed, n, disagreements } },
    callsNeeded,
  };
}

/**
 * For each threshold: the calibration size at which its rate of disagreement, should it persist, would pass;
 * the smallest of them, less what is there, in calls. An estimate, with about even odds of sufficing.
 */
function estimateCalls(options: CertifyOptions, counted: readonly Counted[]): number | null {
  const { tune, calibration, alpha, delta } = options;
  const have = calibration.length;
  const callsPerExample = Math.max(1, (options.calls ?? have) / Math.max(1, have));
  // With no threshold to go by, what a student without a disagreement would need.
  const candidates = counted.filter((step) => step.n > 0);
  if (tune.length === 0 || candidates.length === 0) {
    return Math.ceil(Math.max(1, 2 * fewestAnswered(alpha, delta) - have) * callsPerExample);
  }
  let least = Number.POSITIVE_INFINITY;
  for (const { n, disagreements } of candidates) {
    // Half a disagreement is added so that none in a few doesn't pass for none ever.
    const answered = fewestAtRate((disagreements + 0.5) / (n + 1), alpha, delta);
    least = Math.min(least, (answered * have) / n);
  }
  if (!Number.isFinite(least)) return null;
  return Math.ceil(Math.max(1, least - have) * callsPerExample);
}

/** The fewest answered calls that pass when the share `rate` of them disagree; infinite when none do. */
function fewestAtRate(rate: number, alpha: number, delta: number): number {
  const passes = (n: number) => binomialTail(Math.round(rate * n), n, alpha) <= delta;
  const limit = 10_000_000;
  let high = fewestAnswered(alpha, delta);
  while (!passes(high)) {
    high *= 2;
    if (high > limit) return Number.POSITIVE_INFINITY;
  }
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (passes(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function assertScores(answers: readonly ScoredAnswer[]): void {
  for (const { score } of answers) {
    if (!Number.isFinite(score)) throw new RangeError(`A score must be a finite number, not ${score}.`);
  }
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
