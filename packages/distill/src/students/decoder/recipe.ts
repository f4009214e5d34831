/**
 * How a decoder is trained from scratch: every number, in one place. It is kept in the student's lineage as it was used.
 *
 * @module
 */
import type { nn } from '@kolben/engine';
import type { Pace } from '../train-on-chips.ts';

export interface DecoderRecipe extends Pace {
  readonly name: string;
  readonly dropout: number;
  /** Tokens of a text that are read, and of an answer that are written, at the most; the examples may ask for fewer. */
  readonly textTokens: number;
  readonly answerTokens: number;
  /** How it learns from a local teacher's distribution, if there is one: see `DecoderTeacher`. */
  readonly distribution: nn.DecoderTeacher & { readonly known: number };
}

export interface ScratchRecipe extends DecoderRecipe {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly hidden: number;
  /** Tokens of a tokenizer trained on the examples, at the most; pairs that are rarer than `leastCount` make none. */
  readonly vocabulary: number;
  readonly leastCount: number;
}

export interface FineTuningRecipe extends DecoderRecipe {
  /** Null where all of the base is trained. */
  readonly adapters: nn.LowRank | null;
}

export const decoderFromScratch: ScratchRecipe = {
  name: 'decoder',
  width: 128,
  layers: 3,
  heads: 4,
  keyValueHeads: 4,
  hidden: 256,
  dropout: 0.1,
  vocabulary: 2048,
  leastCount: 16,
  textTokens: 384,
  answerTokens: 256,
  distribution: { known: 32, share: 0.9, reverse: 0, temperature: 1 },
  epochs: 12,
  leastSteps: 400,
  mostEpochs: 60,
  batch: 32,
  microbatches: 2,
  learningRate: 3e-3,
  warmUp: 0.05,
  floor: 0.03,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.01,
  averaged: 0.2,
};

/** All of a base at a small rate, a few times over, as Taori et al. (Stanford Alpaca, 2023) trained LLaMA on answers. */
export const decoderFineTuning: FineTuningRecipe = {
  name: 'decoder-fine-tuning',
  dropout: 0,
  textTokens: 1024,
  answerTokens: 512,
  distribution: { known: 32, share: 0.9, reverse: 0, temperature: 1 },
  epochs: 3,
  leastSteps: 200,
  mostEpochs: 10,
  batch: 32,
  microbatches: 4,
  learningRate: 2e-5,
  warmUp: 0.03,
  floor: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  averaged: 0,
  adapters: null,
};

/** Adapters bear, and need, ten times the rate (Dettmers et al., arXiv 2305.14314, B.2: 2e-4). */
export function decoderLowRank(adapters: nn.LowRank): FineTuningRecipe {
  return { ...decoderFineTuning, name: 'decoder-low-rank', learningRate: 2e-4, adapters };
}
