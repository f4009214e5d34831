/**
 * What each of several alphas would certify, so that one of them may be chosen once that is known.
 *
 * An alpha that was set before calibration was looked at is tested at the full delta. One that is chosen by what it would
 * certify is another matter: whoever looks at many and takes the one that pleases has many chances to be lucky. So the
 * choices are fixed here, once for all students, and each is tested at delta divided by their number. Then the probability
 * that any of the claims is false is at most delta (Bonferroni), and so it is for the one that is chosen, however that is
 * done (decision 0332).
 *
 * @module
 */
import type { Certificate, CertifyResult, Refusal, ScoredAnswer, WalkStep } from './certificate.ts';
import { CertificateError } from './certificate-error.ts';
import { certify } from './certify.ts';

/** Never chosen by what came of them. */
export const ALPHAS = [0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2] as const;

export interface AlphaChoice {
  alpha: number;
  /** Null: none. */
  certificate: Certificate | null;
  /** Share of the calibration examples at or above the threshold on which they disagreed; null without a certificate. */
  disagreement: number | null;
  /** Why there is none: a sentence, and the same for other languages. */
  reason: string | null;
  refusal: Refusal | null;
  /** About how many more calls would be needed for one; null where there is one, or more calls would not do it. */
  callsNeeded: number | null;
  walk: WalkStep[];
}

export interface AlphaChoicesOptions {
  tune: readonly ScoredAnswer[];
  calibration: readonly ScoredAnswer[];
  /** Of all choices together, in (0, 1). */
  delta: number;
  /** Examples in the whole dataset. Default: calibration's. */
  calls?: number;
}

/** By the very test that a student is certified with. */
export function alphaChoices({ delta, ...given }: AlphaChoicesOptions): AlphaChoice[] {
  return ALPHAS.map((alpha) => {
    const result = certify({ ...given, alpha, delta: delta / ALPHAS.length });
    const { walk, certificate } = result;
    if (certificate === null) return { alpha, certificate, disagreement: null, walk, ...namedReason(result) };
    return {
      alpha,
      certificate: { ...certificate, delta, among: [...ALPHAS] },
      disagreement: result.disagreements / certificate.n,
      reason: null,
      refusal: null,
      callsNeeded: null,
      walk,
    };
  });
}

function namedReason({ reason, refusal, callsNeeded }: Extract<CertifyResult, { certificate: null }>) {
  return { reason, refusal, callsNeeded };
}

/** @throws CertificateError `certificate_alpha` for an alpha that is no choice */
export function choiceOf(choices: readonly AlphaChoice[], alpha: number): AlphaChoice {
  const found = choices.find((choice) => choice.alpha === alpha);
  if (found) return found;
  throw new CertificateError(
    'certificate_alpha',
    `${alpha} is none of the alphas that may be chosen afterwards: ${ALPHAS.join(', ')}; another one must be set before the student is distilled.`,
  );
}
