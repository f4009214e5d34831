/**
 * The text classifier's three branches, and how they become one answer.
 *
 * Two branches read words in their order: one by convolutions of several widths and the strongest response of each
 * over time, the other by an attention layer. The third weighs a bag of n-grams. Their logits are added; while training, each branch is also held
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
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
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
}

/** Dropout rates of the classifier's branches, each in [0, 1). */
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

/**
 * The second branch of words: (B, T, width) with a mask (B, T) → logits (B, classes).
 *
 * A gated convolution over three words, which tells an attention layer what stands beside a word (Dauphin et al., arXiv
 * 1612.08083); attention and feed-forward with the norm in front (Xiong et al., arXiv 2002.04745); mean and strongest
 * over time. Masked words neither are seen nor count. `heads` divides the width.
 */
export function attentionBranch(
  words: Value,
  mask: Value,
  shape: WordBagShape & { readonly heads: number },
  dropouts: Dropouts,
): Value {
  const { width, classes, heads } = shape;
  const hidden = { hidden: true };
  const present = unsqueeze(mask, 2);
  const x = dropout(words, dropouts.words);
  const gate = sigmoid(convolution(x, 'gate', 3, width, width));
  const read = mul(add(x, mul(convolution(x, 'local', 3, width, width), gate)), present);

  const rows = flattenRows(read);
  const normed = norm(rows, 'attentionNorm', width);
  const project = (name: string) => splitHeads(linear(normed, name, width, width, hidden), mask, heads);
  const absent = sub(mask, scalar(mask, 1));
  const unseen = unsqueeze(unsqueeze(scale(absent, -masked), 1), 2);
  const seen = attention(project('query'), project('key'), project('value'), unseen);
  const attended = add(rows, linear(mergeHeads(seen, mask), 'output', width, width, hidden));
  const wide = gelu(linear(norm(attended, 'forwardNorm', width), 'wide', width, 2 * width, hidden));
  const done = add(attended, linear(wide, 'narrow', 2 * width, width, hidden));
  const y = reshapeLike(norm(done, 'norm', width), read);

  const mean = div(reduceSum(mul(y, present), [1]), reduceSum(present, [1]));
  // A masked word must not be the strongest.
  const strongest = reduceMax(add(y, unsqueeze(scale(absent, 1e4), 2)), [1]);
  const features = dropout(concat([mean, strongest], 1), dropouts.features);
  return linear(features, 'head', 2 * width, classes, { hidden: false });
}

/** The branch of the bag: (B, width) → logits (B, classes). */
export function bagBranch(bag: Value, shape: WordBagShape, dropouts: Dropouts): Value {
  const features = dropout(norm(bag, 'norm', shape.width), dropouts.features);
  return linear(features, 'head', shape.width, shape.classes, { hidden: false });
}

/** The loss of the sum and of each branch alone, a single number; arguments as for `crossEntropy`: labels or shares. */
export function branchesLoss(
  branches: readonly Value[],
  labels: Value,
  weights: Value,
  options: CrossEntropyOptions,
): Value {
  return ofAllAndEach(branches, (logits) => crossEntropy(logits, labels, weights, options));
}

/** The same where each label applies or doesn't, whatever the others; arguments as for `binaryCrossEntropy`. */
export function branchesLossOfMany(
  branches: readonly Value[],
  targets: Value,
  weights: Value,
  options: CrossEntropyOptions,
): Value {
  return ofAllAndEach(branches, (logits) => binaryCrossEntropy(logits, targets, weights, options));
}

function ofAllAndEach(branches: readonly Value[], loss: (logits: Value) => Value): Value {
  const all = branches.reduce((sum, logits) => add(sum, logits));
  return [all, ...branches].map(loss).reduce((a, b) => add(a, b));
}
