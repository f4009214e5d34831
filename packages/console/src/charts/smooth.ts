/**
 * A long curve as one that can be read, in a page that stays small.
 *
 * @module
 */

/** A loss at a step of a run. */
export interface LossPoint {
  /** From 1. */
  readonly step: number;
  /** Nats; what isn't finite is a loss that could not be computed, and is left out. */
  readonly loss: number;
}

/** The mean of every `width` neighbouring points, at their last step. */
export function smooth(points: readonly LossPoint[], width: number): LossPoint[] {
  const means: LossPoint[] = [];
  for (let i = 0; i < points.length; i += Math.max(1, width)) {
    const some = points.slice(i, i + Math.max(1, width)).filter(({ loss }) => Number.isFinite(loss));
    if (some.length === 0) continue;
    means.push({
      step: some.at(-1)!.step,
      loss: some.reduce((sum, { loss }) => sum + loss, 0) / some.length,
    });
  }
  return means;
}
