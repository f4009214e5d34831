/**
 * The text classifier's two branches, and how they become one answer.
 *
 * One branch reads words in their order: vectors, convolutions of several widths, the strongest response of each
 * over time. The other weighs a bag of n-grams. Their logits are added; while training, each branch is also held
 * to the answer by itself, so that neither leans on the other (measured: section 10 of the design).
 *
 * How words get their vectors and what is in the bag is the caller's business: here there are only numbers.
 *
 * @module
 */
import type { Value } from '../graph/graph.ts';
import { scalar } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { concat } from '../graph/ops/concat.ts';
import { div } from '../graph/ops/div.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gelu } from '../graph/ops/gelu.ts';
import { mergeHeads } from '../graph/ops/merge-heads.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceMax } from '../graph/ops/reduce-max.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { reshapeLike } from '../graph/ops/reshape-like.ts';
import { scale } from '../graph/ops/scale.ts';
import { sigmoid } from '../graph/ops/sigmoid.ts';
import { splitHeads } from '../graph/ops/split-heads.ts';
import { sub } from '../graph/ops/sub.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { attention, masked } from './attention.ts';
import { convolution } from './convolution.ts';
import { type CrossEntropyOptions, crossEntropy } from './cross-entropy.ts';
import { dropout } from './dropout.ts';
import { linear } from './linear.ts';
import { norm } from './norm.ts';

/** The sizes of the text classifier. */
export interface WordBagShape {
  /** Width of word vectors and of each convolution. */
  readonly width: number;
  /** Sizes of the convolutions' windows. */
  readonly windows: readonly number[];
  readonly classes: number;
  /** Heads of an attention layer over the words, in place of the convolutions of several widths. Default none. */
  readonly heads?: number;
}

/** Dropout rates of the classifier's two branches, each in [0, 1). */
export interface Dropouts {
  /** Of the elements of word vectors. */
  readonly words: number;
  /** Of what enters each branch's last layer. */
  readonly features: number;
}

/** Nothing is dropped: what answering programs are built with. */
export const noDropout: Dropouts = { words: 0, features: 0 };

/**
 * The branch of words: (B, T, width) with a mask (B, T) of ones and zeros → logits (B, classes).
 * Masked words are zero vectors; at least one word of each text is not masked.
 */
export function wordBranch(words: Value, mask: Value, shape: WordBagShape, dropouts: Dropouts): Value {
  const { width, windows, classes } = shape;
  const x = dropout(words, dropouts.words);
  const responses = concat(
    windows.map((size) => convolution(x, `convolution${size}`, size, width, width)),
    2,
  );
  // A masked word must not be the strongest: 10,000 is far below any response.
  const bias = unsqueeze(scale(sub(mask, scalar(mask, 1)), 1e4), 2);
  const strongest = reduceMax(add(gelu(responses), bias), [1]);
  const features = dropout(strongest, dropouts.features);
  return linear(features, 'head', width * windows.length, classes, { hidden: false });
}

export function attentionBranch(words: Value, mask: Value, shape: WordBagShape, heads: number, dropouts: Dropouts): Value {
  const { width, classes } = shape;
  const x = dropout(words, dropouts.words);
  const present = unsqueeze(mask, 2);
  const local = mul(
    convolution(x, 'local', 3, width, width),
    sigmoid(convolution(x, 'gate', 3, width, width)),
  );
  const read = mul(add(x, local), present);
  const flat = flattenRows(read);
  const normed = norm(flat, 'attentionNorm', width);
  const project = (name: string) =>
    splitHeads(linear(normed, name, width, width, { hidden: true }), mask, heads);
  const hidden = unsqueeze(unsqueeze(scale(sub(mask, scalar(mask, 1)), -masked), 1), 2);
  const seen = mergeHeads(attention(project('query'), project('key'), project('value'), hidden), mask);
  const attended = add(flat, linear(seen, 'output', width, width, { hidden: true }));
  const wide = gelu(linear(norm(attended, 'forwardNorm', width), 'wide', width, 2 * width, { hidden: true }));
  const y = norm(add(attended, linear(wide, 'narrow', 2 * width, width, { hidden: true })), 'norm', width);
  const rows = reshapeLike(y, read);
  const bias = scale(sub(present, scalar(mask, 1)), 1e4);
  const strongest = reduceMax(add(rows, bias), [1]);
  const mean = div(
    reduceSum(mul(rows, present), [1]),
    reduceSum(present, [1]),
  );
  const features = dropout(concat([mean, strongest], 1), dropouts.features);
  return linear(features, 'head', 2 * width, classes, { hidden: false });
}

/** The branch of the bag: (B, width) → logits (B, classes). */
export function bagBranch(bag: Value, shape: WordBagShape, dropouts: Dropouts): Value {
  const features = dropout(norm(bag, 'norm', shape.width), dropouts.features);
  return linear(features, 'head', shape.width, shape.classes, { hidden: false });
}

/** The loss of the sum and of each branch alone, a single number; arguments as for `crossEntropy`. */
export function branchesLoss(
  branches: readonly Value[],
  labels: Value,
  weights: Value,
  options: CrossEntropyOptions,
): Value {
  const all = branches.reduce((sum, logits) => add(sum, logits));
  return [all, ...branches]
    .map((logits) => crossEntropy(logits, labels, weights, options))
    .reduce((a, b) => add(a, b));
}
