/**
 * How a classifier is trained: every number that was chosen by measuring, in one place. It is kept in the
 * student's lineage as it was used.
 *
 * @module
 */
import { warmUpCosine } from '@kolben/engine';
import type { FeatureDropouts } from './batches.ts';
import type { Regularisation } from './training-graph.ts';
import type { VocabularyLimits } from './vocabulary.ts';

export interface Recipe {
  readonly name: string;
  /** Width of word vectors, convolutions and the bag. */
  readonly width: number;
  readonly windows: readonly number[];
  readonly heads?: number;
  /** Passes over the training split, if the time allows. */
  readonly epochs: number;
  /** Fewest steps: a small training split is passed over more often, up to `mostEpochs`. */
  readonly leastSteps: number;
  readonly mostEpochs: number;
  /** Texts in a step, cut into `microbatches`. */
  readonly batch: number;
  readonly microbatches: number;
  /** Highest learning rate; it rises over the first `warmUp` share of steps and falls as a cosine to `floor` of it. */
  readonly learningRate: number;
  readonly warmUp: number;
  readonly floor: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Share of the steps, at the end, whose parameters are averaged. */
  readonly averaged: number;
  readonly regularisation: Regularisation;
  readonly dropouts: FeatureDropouts;
  readonly vocabulary: VocabularyLimits;
  /** Words read in order, and bytes read at all, at the most; the training texts may ask for fewer. */
  readonly maxWords: number;
  readonly byteLimit: number;
}

/** Section 10 of the design, measured there on two public sets of 77 and 60 labels, in English and German. */
export const wordsAndBag: Recipe = {
  name: 'words-and-bag',
  width: 128,
  windows: [1, 2, 3],
  epochs: 13,
  leastSteps: 400,
  mostEpochs: 60,
  batch: 64,
  microbatches: 4,
  learningRate: 2e-3,
  warmUp: 0.05,
  floor: 0.03,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.01,
  averaged: 0.3,
  regularisation: { words: 0.2, features: 0.3, smoothing: 0.1 },
  dropouts: { bag: 0.5, grams: 0.2, wholeWords: 0.3, wordsOfText: 0.1 },
  vocabulary: { pieces: 40_000, bag: 40_000 },
  maxWords: 48,
  byteLimit: 4096,
};

/** The learning rate at a step, from 0. */
export function learningRateAt(
  { learningRate, warmUp, floor }: Pick<Recipe, 'learningRate' | 'warmUp' | 'floor'>,
  steps: number,
): (step: number) => number {
  const rising = Math.max(1, Math.round(steps * warmUp));
  return warmUpCosine({ peak: learningRate, steps: Math.max(steps, rising), warmUp: rising, floor });
}
