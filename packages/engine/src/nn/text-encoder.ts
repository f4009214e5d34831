/**
 * Open encoders of texts, BERT's and ModernBERT's, as graphs: to be trained further, with a head that says a class for
 * every text, and to answer.
 *
 * Inputs are those that other people's tools give: `input_ids`, `attention_mask` and, where there is a table of them,
 * `token_type_ids`, each (B, T) int64. What fills up short texts stands at their end, with a mask of 0.
 *
 * Rows of all texts are one dimension, N = B·T, but where attention needs them apart.
 *
 * Source of the formulas: transformers, `modeling_bert.py`, `modeling_modernbert.py`.
 *
 * @module
 */
import { constant, Graph, GraphError, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { cumulativeSum } from '../graph/ops/cumulative-sum.ts';
import { div } from '../graph/ops/div.ts';
import { equal } from '../graph/ops/equal.ts';
import { exactGelu } from '../graph/ops/exact-gelu.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gather } from '../graph/ops/gather.ts';
import { greater } from '../graph/ops/greater.ts';
import { layerNorm } from '../graph/ops/layer-norm.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mergeHeads } from '../graph/ops/merge-heads.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { relu } from '../graph/ops/relu.ts';
import { rotary } from '../graph/ops/rotary.ts';
import { scale } from '../graph/ops/scale.ts';
import { silu } from '../graph/ops/silu.ts';
import { splitHeads } from '../graph/ops/split-heads.ts';
import { squeeze } from '../graph/ops/squeeze.ts';
import { sub } from '../graph/ops/sub.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { zerosLike } from '../graph/ops/zeros-like.ts';
import { attention, masked } from './attention.ts';
import { binaryCrossEntropy } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { dropout } from './dropout.ts';
import { checkLowRank, type LowRank, type Projection } from './low-rank.ts';
import { project } from './project.ts';
import { type Activation, checkTextEncoderShape, type TextEncoderShape } from './text-encoder-shape.ts';

export type { Activation, BertShape, ModernBertShape, TextEncoderShape } from './text-encoder-shape.ts';

/** How an encoder is trained further. */
export interface TextEncoderOptions {
  /** Of the tables' rows, of what each part adds and of what enters the last matrix; in [0, 1). Default 0. */
  readonly dropout?: number;
  /** Freezes the encoder and trains adapters beside its matrices. Default: all of it is trained. */
  readonly adapters?: LowRank | undefined;
}

/** A classifier on an encoder. */
export interface TextClassifierOptions extends TextEncoderOptions {
  readonly classes: number;
  /** Whether a text may have several classes or none: each is then a question of its own. Default false. */
  readonly multiple?: boolean;
  /** Whether the targets of one class for each text are shares of all classes. Default false: one number each. */
  readonly soft?: boolean;
  /** The share of the target that is spread evenly over all classes (or both answers), in [0, 1). Default 0. */
  readonly smoothing?: number;
}

/** The last hidden states of an encoder: (N, width). Its blocks: `embed`, `mask`, then `attention0`, `feedForward0`, …. */
export interface EncodedTexts {
  readonly graph: Graph;
  readonly hidden: Value;
  /** What the tables give and what each layer does, the hidden states of the last one last: (N, width) each. */
  readonly states: readonly Value[];
  /** The input `input_ids`: (B, T) int64. */
  readonly tokens: Value;
  /** 1 for tokens, 0 for what fills up: (B, T). */
  readonly tokenMask: () => Value;
}

/** @throws GraphError for a shape or options that make no model */
export function encodeTexts(shape: TextEncoderShape, options: TextEncoderOptions = {}): EncodedTexts {
  checkTextEncoderShape(shape);
  if (options.adapters) checkLowRank(options.adapters);
  const graph = new Graph({ trainable: options.adapters === undefined });
  const rows = ['B', 'T'];
  const tokens = graph.input('input_ids', 'int64', rows, { below: shape.vocabulary });
  const mask = graph.input('attention_mask', 'int64', rows);
  // Made where it is used: no stage has to be sent what it can make of its inputs.
  const tokenMask = () => cast(mask, 'float32');
  const common = { graph, options, tokens, mask, tokenMask };
  const states =
    shape.kind === 'bert' ? bertLayers({ ...common, shape }) : modernBertLayers({ ...common, shape });
  return { graph, hidden: states[states.length - 1], states, tokens, tokenMask };
}

/** A classifier: what it is trained on, and what it answers by. */
export interface TextClassifier {
  readonly loss: Value;
  /** (B, classes). */
  readonly logits: Value;
  /** The mean over the tokens of a text and over what the tables and all layers make of them: (B, width). */
  readonly meanState: () => Value;
}

/**
 * A class for every text: train on `loss`, emit a program of `logits` (B, classes). The loss takes `weights` (B), one
 * over the texts of a step for their mean, and `labels`: (B) int64, or (B, classes) float32: shares of the classes, each
 * row adding up to 1, or of several classes the probability of each. Blocks: those of the encoder, then `head`, whose parameters are trained
 * in any case.
 *
 * The head is that of Hugging Face's classes for the architecture: of BERT and its kin a matrix and an activation on
 * the first token, then the classes; of ModernBERT a matrix, an activation and a normalisation on what is pooled.
 */
export function textClassifier(shape: TextEncoderShape, options: TextClassifierOptions): TextClassifier {
  const { classes, multiple = false, soft = multiple, smoothing = 0, dropout: rate = 0 } = options;
  if (!(Number.isInteger(classes) && classes >= 1))
    throw new GraphError(
      'graph_option',
      `An encoder cannot tell ${classes} classes apart; give a whole number of 1 or more.`,
    );
  if (!(smoothing >= 0 && smoothing < 1))
    throw new GraphError('graph_option', `smoothing is ${smoothing}; it must lie in [0, 1).`);
  const { graph, hidden, states, tokens, tokenMask } = encodeTexts(shape, options);
  const { width } = shape;
  const labels = soft
    ? graph.input('labels', 'float32', ['B', classes])
    : graph.input('labels', 'int64', ['B'], { below: classes });
  const weights = graph.input('weights', 'float32', ['B']);
  return graph.block('head', () => {
    const isMean = shape.kind === 'modernBert' && shape.pooling === 'mean';
    const pooled = pool(hidden, tokens, isMean ? tokenMask() : undefined);
    const dense = headMatrix(pooled, 'dense', width, width, shape.kind === 'bert' || shape.headBias);
    const activated = activate(dense, shape.headActivation);
    const ready =
      shape.kind === 'bert'
        ? activated
        : normalised(activated, 'norm', {
            width,
            epsilon: shape.epsilon,
            bias: shape.normBias,
            trainable: true,
          });
    const logits = headMatrix(dropout(ready, rate), 'classes', width, classes, true);
    const loss = multiple
      ? binaryCrossEntropy(logits, labels, weights, { smoothing })
      : crossEntropy(logits, labels, weights, { smoothing });
    return { logits, loss, meanState: () => pool(meanOf(states), tokens, tokenMask()) };
  });
}

interface LayersInputs<S extends TextEncoderShape> {
  readonly graph: Graph;
  readonly shape: S;
  readonly options: TextEncoderOptions;
  readonly tokens: Value;
  readonly mask: Value;
  readonly tokenMask: () => Value;
}

function bertLayers({
  graph,
  shape,
  options: { dropout: rate = 0, adapters },
  tokens,
  mask,
  tokenMask,
}: LayersInputs<Extract<TextEncoderShape, { kind: 'bert' }>>): Value[] {
  const { vocabulary, width, layers, heads, hidden, types, firstPosition, epsilon } = shape;
  const typeNumbers =
    types > 0 ? graph.input('token_type_ids', 'int64', ['B', 'T'], { below: types }) : undefined;
  const table = (name: string, count: number) =>
    graph.parameter(name, [count, width], { kind: 'normal', deviation: 0.02 });
  const dense = (x: Value, name: Projection, inputs: number, outputs: number) =>
    project(x, name, inputs, outputs, { bias: true, adapters });
  const after = (x: Value) => normalised(x, 'norm', { width, epsilon, bias: true });
  let x = graph.block('embed', () => {
    const words = flattenRows(gather(table('tokens', vocabulary), tokens));
    const numbers = firstPosition === 0 ? positionsOf(tokens) : positionsAfter(mask, firstPosition);
    const places = flattenRows(gather(table('positions', firstPosition + shape.positions), numbers));
    const sum = add(words, places);
    const ofTypes = typeNumbers && flattenRows(gather(table('types', types), typeNumbers));
    return dropout(after(ofTypes ? add(sum, ofTypes) : sum), rate);
  });
  const hiding = graph.block('mask', () => paddingMask(tokenMask()));
  const states = [x];
  for (let layer = 0; layer < layers; layer++) {
    x = graph.block(`attention${layer}`, () => {
      const part = (name: Projection) => splitHeads(dense(x, name, width, width), tokens, heads);
      const attended = mergeHeads(attention(part('query'), part('key'), part('value'), hiding), tokens);
      return after(add(x, dropout(dense(attended, 'output', width, width), rate)));
    });
    x = graph.block(`feedForward${layer}`, () => {
      const inner = activate(dense(x, 'up', width, hidden), shape.activation);
      return after(add(x, dropout(dense(inner, 'down', hidden, width), rate)));
    });
    states.push(x);
  }
  return states;
}

function modernBertLayers({
  graph,
  shape,
  options: { dropout: rate = 0, adapters },
  tokens,
  tokenMask,
}: LayersInputs<Extract<TextEncoderShape, { kind: 'modernBert' }>>): Value[] {
  const { vocabulary, width, layers, heads, hidden, epsilon, positions, reach } = shape;
  const before = (x: Value, name: string) => normalised(x, name, { width, epsilon, bias: shape.normBias });
  let x = graph.block('embed', () => {
    const table = graph.parameter('tokens', [vocabulary, width], { kind: 'normal', deviation: 0.02 });
    return dropout(before(flattenRows(gather(table, tokens)), 'norm'), rate);
  });
  const { everywhere, nearby } = graph.block('mask', () => {
    const everywhere = paddingMask(tokenMask());
    if (shape.isGlobal.every(Boolean)) return { everywhere, nearby: everywhere };
    return { everywhere, nearby: add(everywhere, distanceMask(positionsOf(tokens), reach)) };
  });
  const states = [x];
  for (let layer = 0; layer < layers; layer++) {
    const isGlobal = shape.isGlobal[layer];
    x = graph.block(`attention${layer}`, () => {
      // The rows of the table have just been normalised.
      const normed = layer === 0 ? x : before(x, 'norm');
      const numbers = positionsOf(tokens);
      const base = isGlobal ? shape.globalBase : shape.localBase;
      const part = (name: Projection) =>
        project(normed, name, width, width, { bias: shape.attentionBias, adapters });
      const turned = (name: Projection) =>
        splitHeads(rotary(part(name), numbers, { heads, positions, base, pairs: 'halves' }), tokens, heads);
      const values = splitHeads(part('value'), tokens, heads);
      const attended = attention(turned('query'), turned('key'), values, isGlobal ? everywhere : nearby);
      const options = { bias: shape.attentionBias, adapters };
      return add(x, dropout(project(mergeHeads(attended, tokens), 'output', width, width, options), rate));
    });
    x = graph.block(`feedForward${layer}`, () => {
      const normed = before(x, 'norm');
      const options = { bias: shape.feedForwardBias, adapters };
      const gate = activate(project(normed, 'gate', width, hidden, options), shape.activation);
      const inner = mul(gate, project(normed, 'up', width, hidden, options));
      return add(x, dropout(project(inner, 'down', hidden, width, options), rate));
    });
    if (layer < layers - 1) states.push(x);
  }
  // The last normalisation belongs to the last part, so that a text that is not classified has it too.
  return [...states, graph.block('last', () => before(x, 'norm'))];
}

interface NormOptions {
  readonly width: number;
  readonly epsilon: number;
  readonly bias: boolean;
  /** By default as the graph says. */
  readonly trainable?: boolean;
}

/** Layer normalisation; parameters `name.gain` and, where there is a bias, `name.bias`. */
function normalised(x: Value, name: string, { width, epsilon, bias, trainable }: NormOptions): Value {
  const { graph } = x;
  const own = trainable === undefined ? {} : { trainable };
  return graph.scope(name, () => {
    const gain = graph.parameter('gain', [width], { kind: 'ones' }, own);
    const shift = bias
      ? graph.parameter('bias', [width], { kind: 'zeros' }, own)
      : constant(x, 'float32', new Array(width).fill(0));
    return layerNorm(x, gain, shift, epsilon);
  });
}

/** A matrix of the head, with weights (outputs, inputs): what training moves whatever else is frozen. */
function headMatrix(x: Value, name: string, inputs: number, outputs: number, bias: boolean): Value {
  const { graph } = x;
  return graph.scope(name, () => {
    const weight = graph.parameter(
      'weight',
      [outputs, inputs],
      { kind: 'normal', deviation: 0.02 },
      { trainable: true },
    );
    const product = matmul(x, weight, { transposeB: true });
    return bias
      ? add(product, graph.parameter('bias', [outputs], { kind: 'zeros' }, { trainable: true }))
      : product;
  });
}

function activate(x: Value, activation: Activation): Value {
  switch (activation) {
    case 'gelu':
      return exactGelu(x);
    case 'geluTanh': {
      // x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))): what `gelu_new` and `gelu_pytorch_tanh` name.
      const inner = add(x, scale(mul(x, mul(x, x)), 0.044715));
      return mul(scale(x, 0.5), add(tanh(scale(inner, Math.sqrt(2 / Math.PI))), scalar(x, 1)));
    }
    case 'relu':
      return relu(x);
    case 'silu':
      return silu(x);
    case 'tanh':
      return tanh(x);
  }
}

/** 0, 1, … in every row: (B, T) int64. */
function positionsOf(tokens: Value): Value {
  return cumulativeSum(add(zerosLike(tokens), scalar(tokens, 1)), 1, { exclusive: true });
}

/** The same from `first` on, and the number before for what fills up: RoBERTa's count. */
function positionsAfter(mask: Value, first: number): Value {
  return add(mul(cumulativeSum(mask, 1), mask), scalar(mask, first - 1));
}

/** What is added to the scores of keys that only fill up: (B, 1, 1, T). */
function paddingMask(tokenMask: Value): Value {
  return unsqueeze(unsqueeze(scale(sub(scalar(tokenMask, 1), tokenMask), masked), 1), 1);
}

/** What is added to the scores of keys further away than `reach`: (B, 1, T, T). */
function distanceMask(positions: Value, reach: number): Value {
  const numbers = cast(positions, 'float32');
  const distance = sub(unsqueeze(unsqueeze(numbers, 1), 3), unsqueeze(unsqueeze(numbers, 1), 2));
  return scale(greater(mul(distance, distance), scalar(distance, reach * reach)), masked);
}

function meanOf(values: readonly Value[]): Value {
  return scale(
    values.reduce((sum, value) => add(sum, value)),
    1 / values.length,
  );
}

/** (N, width) → (B, width): the mean over what the mask says, or the first row of each text. */
function pool(hidden: Value, like: Value, tokenMask: Value | undefined): Value {
  const first = () => equal(cast(positionsOf(like), 'float32'), scalar(hidden, 0));
  const shares = tokenMask ? div(tokenMask, reduceSum(tokenMask, [1], { keepDims: true })) : first();
  const texts = splitHeads(hidden, like, 1);
  return squeeze(squeeze(matmul(unsqueeze(unsqueeze(shares, 1), 1), texts), 2), 1);
}
