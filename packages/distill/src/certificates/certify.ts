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
import { LEAST_COVERAGE, sizeToBeginAt, thresholdGrid } from './threshold-grid.ts';
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
  const callsNeeded = estimateCalls(options);
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

/** Coverages that an estimate looks at, from 10 % to all. */
const looks = 40;

/**
 * For each coverage that calibration shows: the size of it at which the walk might begin there and the disagreement seen,
 * should it persist, would pass; the smallest of them, less what is there, in calls. An estimate, with about even odds of
 * sufficing; where nothing has disagreed yet, the fewest that can do. It may look at all of calibration, since it tests
 * nothing: a small one is walked from a looser threshold than a larger one would be.
 */
function estimateCalls({ tune, calibration, alpha, delta, calls }: CertifyOptions): number | null {
  const have = calibration.length;
  const callsPerExample = Math.max(1, (calls ?? have) / Math.max(1, have));
  const fewest = fewestAnswered(alpha, delta);
  const inCalls = (size: number) => Math.ceil(Math.max(1, size - have) * callsPerExample);
  // With no threshold to go by, what a student without a disagreement would need.
  if (tune.length === 0 || have === 0) return inCalls(2 * fewest);
  const sizes = countsByCoverage(calibration).map(({ n, disagreements }) => {
    // Half a disagreement is added so that one in a few doesn't pass for a rate that is known.
    const answered =
      disagreements === 0 ? fewest : fewestAtRate((disagreements + 0.5) / (n + 1), alpha, delta);
    return Math.max((answered * have) / n, sizeToBeginAt(n / have, alpha, delta));
  });
  // What could have been had already was not what the walk found.
  const larger = sizes.filter((size) => size > have);
  const least = Math.min(...(larger.some(Number.isFinite) ? larger : sizes));
  return Number.isFinite(least) ? inCalls(least) : null;
}

function countsByCoverage(calibration: readonly ScoredAnswer[]): Counted[] {
  const scores = calibration.map(({ score }) => score).sort((a, b) => b - a);
  const thresholds = Array.from({ length: looks }, (_, i) => {
    const coverage = LEAST_COVERAGE + ((1 - LEAST_COVERAGE) * i) / (looks - 1);
    return scores[Math.ceil(coverage * scores.length) - 1]!;
  });
  return countAbove(calibration, [...new Set(thresholds)]);
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
