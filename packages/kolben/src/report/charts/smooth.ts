import type { LossPoint } from '../data.ts';

/** The mean of every `width` neighbouring points, at their last step: a curve that can be read and stays small. */
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
