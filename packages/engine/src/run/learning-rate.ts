/**
 * Learning rates by step: for `TrainOptions.learningRate`.
 *
 * @module
 */
import { TrainError } from './train-error.ts';

/** A learning rate that rises and then falls. */
export interface LearningRateOptions {
  /** The highest rate, above 0. */
  readonly peak: number;
  /** Steps of the run, 1 or more. */
  readonly steps: number;
  /** Steps in which the rate rises in a straight line, the first of them above 0. Default 0. */
  readonly warmUp?: number;
  /** What the rate falls to by the end of the run, as a share of the peak, in [0, 1]. Default 0. */
  readonly floor?: number;
}

/** Rises to the peak, then falls along half a cosine (Loshchilov and Hutter, arXiv 1608.03983). */
export function warmUpCosine(options: LearningRateOptions): (step: number) => number {
  return falling(options, (done) => (1 + Math.cos(Math.PI * done)) / 2);
}

/** Rises to the peak, then falls in a straight line. */
export function warmUpLinear(options: LearningRateOptions): (step: number) => number {
  return falling(options, (done) => 1 - done);
}

/** Rises to the peak and stays there. */
export function warmUpConstant(options: Omit<LearningRateOptions, 'floor'>): (step: number) => number {
  return falling(options, () => 1);
}

/** @param share of the way from floor to peak, by how much of the fall is done, 0 to 1 */
function falling(
  { peak, steps, warmUp = 0, floor = 0 }: LearningRateOptions,
  share: (done: number) => number,
): (step: number) => number {
  const isFine = peak > 0 && Number.isFinite(peak) && steps >= 1 && warmUp >= 0 && warmUp <= steps;
  if (!isFine || !(floor >= 0 && floor <= 1))
    throw new TrainError(
      'train_rate',
      `A rate cannot rise to ${peak} in ${warmUp} of ${steps} steps and fall to ${floor} of it; give a peak above 0, no more steps of warm-up than of the run, and a floor from 0 to 1.`,
    );
  return (step) => {
    if (step < warmUp) return (peak * (step + 1)) / warmUp;
    const done = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
    return peak * (floor + (1 - floor) * share(done));
  };
}
