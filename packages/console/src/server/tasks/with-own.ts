/**
 * The alphas that may be chosen, with the certificate that the student has among them.
 *
 * @module
 */
import type { AlphaChoice, Certificate } from '@kolben/distill';

export interface OfferedAlpha
  extends Pick<AlphaChoice, 'alpha' | 'certificate' | 'disagreement' | 'refusal'> {
  /** It is the certificate that the student has. */
  readonly isOwn: boolean;
}

/**
 * In place of the choice of the same alpha: an alpha that was set beforehand is tested at the full delta, so at that one
 * the student may have more than could be chosen now (decision 0332).
 *
 * @param disagreement on calibration, under its own certificate
 */
export function withOwn(
  choices: readonly AlphaChoice[],
  own: Certificate | null,
  disagreement: number | null,
): OfferedAlpha[] {
  const offered = choices.map((choice) => ({ ...choice, isOwn: false }));
  if (own === null) return offered;
  return [
    ...offered.filter(({ alpha }) => alpha !== own.alpha),
    { alpha: own.alpha, certificate: own, disagreement, refusal: null, isOwn: true },
  ].sort((one, other) => one.alpha - other.alpha);
}
