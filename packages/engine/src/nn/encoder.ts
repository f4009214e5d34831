/**
 * The encoder: the decoder's layers without the mask that hides what comes later, for classifying texts and tagging
 * their tokens.
 *
 * Rows may hold several sequences; what belongs together is told by `segments`, and what is padding by a segment of
 * its own.
 *
 * @module
 */
import { constant, Graph, GraphError, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gather } from '../graph/ops/gather.ts';
import { mergeHeads } from '../graph/ops/merge-heads.ts';
import { mul } from '../graph/ops/mul.ts';
import { scatterAdd } from '../graph/ops/scatter-add.ts';
import { squeeze } from '../graph/ops/squeeze.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { attention } from './attention.ts';
import { segmentMask } from './attention-mask.ts';
import { checkDecoderShape, checkLossOptions } from './check-decoder-shape.ts';
import { crossEntropy } from './cross-entropy.ts';
import {
  attentionOutput,
  type DecoderShape,
  feedForward,
  normalised,
  queriesKeysValues,
  tokenTable,
} from './decoder.ts';
import { dropout } from './dropout.ts';
import { linear } from './linear.ts';

/** As a decoder's, without what is the head's. */
export type EncoderShape = Omit<DecoderShape, 'tied'>;

/** What is built on an encoder. */
export interface EncoderOptions {
  readonly classes: number;
  /** Of the table's rows, of what each part adds, and of what enters the head; in [0, 1). Default 0. */
  readonly dropout?: number;
  /** The share of the target that is spread evenly over all classes, in [0, 1). Default 0. */
  readonly smoothing?: number;
}

/** A model with its answer: train on `loss`, emit a program of `logits`. */
export interface EncoderModel {
  readonly loss: Value;
  readonly logits: Value;
}

/**
 * A class for every text. Inputs: `tokens`, `positions`, `segments`, `texts` (B, T) int64 and `shares` (B, T); `labels`
 * (S) int64 and `weights` (S) for the loss.
 *
 * S texts lie in B rows of T positions. `texts` says which text a position belongs to, 0 to S − 1; `shares` its part in
 * the mean over that text, one over its length, 0 for padding (whose text may be any). `segments` differ between texts
 * of a row, and between those and padding.
 *
 * Blocks: `embed`, `mask`, then `attention0`, `feedForward0`, …, then `head`. Logits are (S, classes).
 */
export function encoderClassifier(shape: EncoderShape, options: EncoderOptions): EncoderModel {
  const { classes, dropout: rate = 0, smoothing } = options;
  const graph = new Graph();
  checkEncoder(shape, options);
  const x = encoded(graph, shape, rate);
  const rows = ['B', 'T'];
  const texts = graph.input('texts', 'int64', rows);
  const shares = graph.input('shares', 'float32', rows);
  const labels = graph.input('labels', 'int64', ['S']);
  const weights = graph.input('weights', 'float32', ['S']);
  return graph.block('head', () => {
    const normed = normalised(x, 'norm', { ...shape, tied: false });
    const parts = mul(normed, flattenRows(unsqueeze(shares, 2)));
    const none = mul(unsqueeze(weights, 1), constant(weights, 'float32', new Array(shape.width).fill(0)));
    const means = scatterAdd(none, squeeze(flattenRows(unsqueeze(texts, 2)), 1), parts);
    const logits = linear(dropout(means, rate), 'classes', shape.width, classes, { hidden: false });
    return { logits, loss: crossEntropy(logits, labels, weights, { smoothing }) };
  });
}

/**
 * A class for every position. Inputs: `tokens`, `positions`, `segments`, `labels` (B, T) int64 and `weights` (B, T), 0
 * where a position doesn't count. Blocks as for `encoderClassifier`. Logits are (B·T, classes).
 */
export function encoderTagger(shape: EncoderShape, options: EncoderOptions): EncoderModel {
  const { classes, dropout: rate = 0, smoothing } = options;
  const graph = new Graph();
  checkEncoder(shape, options);
  const x = encoded(graph, shape, rate);
  const labels = graph.input('labels', 'int64', ['B', 'T']);
  const weights = graph.input('weights', 'float32', ['B', 'T']);
  return graph.block('head', () => {
    const normed = normalised(x, 'norm', { ...shape, tied: false });
    const logits = linear(dropout(normed, rate), 'classes', shape.width, classes, { hidden: false });
    const flat = (value: Value) => squeeze(flattenRows(unsqueeze(value, 2)), 1);
    return { logits, loss: crossEntropy(logits, flat(labels), flat(weights), { smoothing }) };
  });
}

/** The rows after the last layer: (B·T, width). */
/** @throws GraphError for what makes no encoder */
function checkEncoder(shape: EncoderShape, { classes, smoothing }: EncoderOptions): void {
  checkDecoderShape(shape);
  checkLossOptions(shape, { smoothing });
  if (!(Number.isInteger(classes) && classes >= 1))
    throw new GraphError(
      'graph_option',
      `An encoder cannot tell ${classes} classes apart; give a whole number of 1 or more.`,
    );
}

function encoded(graph: Graph, encoder: EncoderShape, rate: number): Value {
  const shape = { ...encoder, tied: false };
  const rows = ['B', 'T'];
  const tokens = graph.input('tokens', 'int64', rows);
  const positions = graph.input('positions', 'int64', rows);
  const segments = graph.input('segments', 'int64', rows);
  let x = graph.block('embed', () => dropout(flattenRows(gather(tokenTable(graph, shape), tokens)), rate));
  const mask = graph.block('mask', () => segmentMask(segments, { causal: false }));
  for (let layer = 0; layer < shape.layers; layer++) {
    x = graph.block(`attention${layer}`, () => {
      const { q, k, v } = queriesKeysValues(x, tokens, positions, shape);
      const attended = mergeHeads(attention(q, k, v, mask), tokens);
      return add(x, dropout(attentionOutput(attended, shape), rate));
    });
    x = graph.block(`feedForward${layer}`, () => add(x, dropout(feedForward(x, shape), rate)));
  }
  return x;
}
