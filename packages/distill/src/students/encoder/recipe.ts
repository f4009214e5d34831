/**
 * How a classifier is trained further from an open encoder: every number, in one place. It is kept in the student's
 * lineage as it was used.
 *
 * @module
 */
import type { nn } from '@kolben/engine';
import type { Pace } from '../train-on-chips.ts';

export interface Recipe extends Pace {
  readonly name: string;
  /** Of the encoder's tables, of what its parts add, and before the last matrix. */
  readonly dropout: number;
  /** Of the targets. */
  readonly smoothing: number;
  /** Tokens of a text that are read at the most; the base may allow fewer. */
  readonly maxTokens: number;
  /** Null where all of the encoder is trained. */
  readonly adapters: nn.LowRank | null;
}

/** The settings of Devlin et al. (arXiv 1810.04805, A.3): all of the encoder, at a small rate. */
export const fineTuning: Recipe = {
  name: 'encoder-fine-tuning',
  epochs: 4,
  leastSteps: 200,
  mostEpochs: 20,
  batch: 32,
  microbatches: 4,
  learningRate: 5e-5,
  warmUp: 0.1,
  floor: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  averaged: 0,
  dropout: 0.1,
  smoothing: 0,
  maxTokens: 256,
  adapters: null,
};

/** Adapters bear, and need, ten times the rate (Hu et al., arXiv 2106.09685, D). */
export function lowRankTuning(adapters: nn.LowRank): Recipe {
  return { ...fineTuning, name: 'encoder-low-rank', learningRate: 5e-4, weightDecay: 0, adapters };
}
