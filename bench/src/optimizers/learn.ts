import {
  type Chip,
  makespan,
  type OptimizerOptions,
  sequential,
  sliceSteps,
  train,
  warmUpCosine,
} from '@kolben/engine';
import type { LearningTask, Validation } from './task.ts';

export type OptimizerName = 'AdamW' | 'Muon';

const adamw: OptimizerOptions = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 };

/** Muon moves the hidden matrices, AdamW everything else, both at the same rate. */
const optimizers: Readonly<Record<OptimizerName, OptimizerOptions>> = {
  AdamW: adamw,
  Muon: { ...adamw, muon: { momentum: 0.95 } },
};

export interface LearnOptions {
  readonly optimizer: OptimizerName;
  /** The highest learning rate: reached in a twentieth of the steps, then falling along a cosine to 3 % of it. */
  readonly peak: number;
  readonly steps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** Trains on one chip, and looks at the end how well it went. */
export async function learn(task: LearningTask, chip: Chip, options: LearnOptions): Promise<Validation> {
  const { parameters } = await run(task, chip, options);
  return task.validate(chip, parameters);
}

/** Milliseconds of a step, the first ones left out. */
export async function timeSteps(
  task: LearningTask,
  chip: Chip,
  options: Omit<LearnOptions, 'steps'>,
): Promise<number> {
  const [warmUp, steps] = [4, 12];
  const { timeline } = await run(task, chip, { ...options, steps: warmUp + steps });
  return makespan(sliceSteps(timeline, warmUp, warmUp + steps)) / steps;
}

function run(task: LearningTask, chip: Chip, { optimizer, peak, steps, seed, signal }: LearnOptions) {
  return train({
    loss: task.loss(),
    cuts: [],
    schedule: sequential({ stages: 1, microbatches: task.microbatchCount }),
    chips: [chip],
    steps,
    microbatches: (step) => task.microbatches(seed, step),
    learningRate: warmUpCosine({ peak, steps, warmUp: Math.ceil(steps / 20), floor: 0.03 }),
    optimizer: optimizers[optimizer],
    bounds: task.bounds,
    seed,
    signal,
    timelineSteps: 16,
  });
}
