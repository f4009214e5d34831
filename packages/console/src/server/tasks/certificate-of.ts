/**
 * A certificate in short, of whatever was stored as one.
 *
 * @module
 */

export interface ShortCertificate {
  alpha: number;
  delta: number;
  coverage: number;
  threshold: number;
}

/** Null where there is none. */
export function certificateOf(
  stored: Readonly<Record<string, unknown>> | ShortCertificate | null | undefined,
): ShortCertificate | null {
  const { alpha, delta, coverage, threshold }: Partial<Record<keyof ShortCertificate, unknown>> =
    stored ?? {};
  return typeof alpha === 'number' && typeof coverage === 'number' && typeof threshold === 'number'
    ? { alpha, delta: Number(delta), coverage, threshold }
    : null;
}
