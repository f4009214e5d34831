/**
 * The shapes of a certificate: what is claimed, what it is claimed from.
 *
 * The claim (design, section 5): among the calls the student answers, that is those whose score is at or
 * above `threshold`, the probability that it disagrees with the teacher is at most `alpha`. The procedure
 * that issues certificates errs in at most a share `delta` of the draws of a calibration split. The claim is
 * about agreement with the teacher, not about truth, and holds on average, not for each person or subgroup.
 *
 * @module
 */

/** One example the student has answered: how sure it was, and whether its answer is the teacher's. */
export interface ScoredAnswer {
  /** Any finite number that grows with confidence; the student's confidence lies in [0, 1]. */
  score: number;
  correct: boolean;
}

export interface Certificate {
  /** Largest share of disagreement claimed, in (0, 1). */
  alpha: number;
  /** Largest probability that the claim is false, in (0, 1). */
  delta: number;
  /** The student answers where its score is at or above this. */
  threshold: number;
  /** Share of the calibration examples at or above the threshold, in [0, 1]. */
  coverage: number;
  /** Two-sided 95 % Clopper–Pearson interval of the coverage. */
  coverageInterval: [number, number];
  /** One-sided Clopper–Pearson upper bound of the disagreement among answered calls, at level 1 − delta. */
  disagreementUpperBound: number;
  /** Calibration examples at or above the threshold. */
  n: number;
  /**
   * The alphas from among which this one was chosen when what each would certify was known. Each was tested at delta divided
   * by their number, so the claims of all of them hold together with probability 1 − delta, whichever was chosen. Left out
   * where alpha was set before.
   */
  among?: readonly number[] | undefined;
}

/** One step of the walk from strict to loose, for the report. */
export interface WalkStep {
  threshold: number;
  /** Calibration examples at or above the threshold. */
  n: number;
  /** Those of them in which the student disagrees with the teacher. */
  disagreements: number;
  /** P(Bin(n, alpha) ≤ disagreements): small when so few disagreements would be surprising at rate alpha. */
  p: number;
  passed: boolean;
}

/** Why there is no certificate, by which it can be told in any language. */
export interface Refusal {
  /**
   * `calibration_small`: fewer calibration examples than the claim takes at the least; `tune_empty`: no threshold to test;
   * `disagrees`: even where the student is surest, what it disagreed in doesn't show the claim.
   */
  readonly code: 'calibration_small' | 'tune_empty' | 'disagrees';
  /** Shares from 0 to 1, numbers of examples; `callsNeeded` is left out where more calls would not do it. */
  readonly values: Readonly<Record<string, number>>;
}

export type CertifyResult =
  | { certificate: Certificate; disagreements: number; walk: WalkStep[] }
  | {
      certificate: null;
      /** One sentence: why there is none, and what would help. */
      reason: string;
      refusal: Refusal;
      /** About how many more calls would be needed; null where more calls of this kind would not do it. */
      callsNeeded: number | null;
      walk: WalkStep[];
    };
