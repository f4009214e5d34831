/**
 * How a classifier is trained: every number that was chosen by measuring, in one place. It is kept in the
 * student's lineage as it was used.
 *
 * @module
 */
import type { Pace } from '../train-on-chips.ts';
import type { FeatureDropouts } from './batches.ts';
import type { Regularisation } from './training-graph.ts';
import type { VocabularyLimits } from './vocabulary.ts';

export interface Recipe extends Pace {
  readonly name: string;
  /** Width of word vectors, convolutions and the bag. */
  readonly width: number;
  readonly windows: readonly number[];
  /** Heads of the attention layer that reads the words beside the convolutions. */
  readonly heads: number;
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
  heads: 4,
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
