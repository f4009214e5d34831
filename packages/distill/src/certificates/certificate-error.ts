/** What a user can get wrong about a certificate. @module */
import { KolbenError } from '@kolben/engine';

export class CertificateError extends KolbenError {}

/** @throws CertificateError `certificate_level` when a level is not strictly between 0 and 1. */
export function assertLevels(levels: { alpha: number; delta: number }): void {
  for (const [name, value] of Object.entries(levels)) {
    if (!(value > 0 && value < 1)) {
      throw new CertificateError(
        'certificate_level',
        `${name} is ${value}, but it must lie between 0 and 1, for instance 0.05.`,
      );
    }
  }
}
