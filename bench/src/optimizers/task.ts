import type { Chip, Microbatch, Parameters, TrainOptions } from '@kolben/engine';

/** Something to be learnt, and how well that went. */
export interface LearningTask {
  readonly name: string;
  /** Of a run. */
  readonly steps: number;
  readonly microbatchCount: number;
  /** The model, built anew for each run. */
  readonly loss: () => TrainOptions['loss'];
  readonly bounds: TrainOptions['bounds'];
  readonly microbatches: (seed: number, step: number) => Microbatch[];
  /** On texts that training has not seen. */
  readonly validate: (chip: Chip, parameters: Parameters) => Promise<Validation>;
}

export interface Validation {
  /** Mean negative log-likelihood in nats. */
  readonly loss: number;
  /** The share of right answers, where there are answers. */
  readonly agreement?: number;
}
