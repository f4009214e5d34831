/**
 * How a tagger is trained: every number that was chosen by measuring, in one place. It is kept in the student's lineage
 * as it was used.
 *
 * @module
 */
import type { Pace } from '../train-on-chips.ts';
import type { VocabularyLimits } from '../words-and-bag/vocabulary.ts';
import type { TaggerBatchOptions } from './batches.ts';
import type { TaggerRegularisation } from './training-graph.ts';

export interface TaggerRecipe extends Pace {
  readonly name: string;
  readonly width: number;
  readonly convolutions: number;
  readonly heads: number;
  readonly regularisation: TaggerRegularisation;
  readonly dropouts: TaggerBatchOptions['dropouts'];
  readonly vocabulary: VocabularyLimits;
  /** Words and bytes of a text that are read, at the most; the training texts may ask for fewer words. */
  readonly maxWords: number;
  readonly byteLimit: number;
  /** A class of a choice that came less often excludes no label. */
  readonly leastToExclude: number;
}

export const taggerRecipe: TaggerRecipe = {
  name: 'tagger',
  width: 128,
  convolutions: 3,
  heads: 4,
  epochs: 7,
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
  regularisation: { words: 0.2, layers: 0.1, features: 0.3, smoothing: 0.1 },
  dropouts: { bag: 0.5, grams: 0.2, wholeWords: 0.3, wordsOfText: 0.05, writing: 0.1 },
  vocabulary: { pieces: 40_000, bag: 40_000 },
  maxWords: 256,
  byteLimit: 4096,
  leastToExclude: 30,
};
