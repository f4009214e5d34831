/**
 * The tagger: for each word a tag, for each choice a class.
 *
 * Words read their neighbours through gated convolutions (Dauphin et al., arXiv 1612.08083) and each other through
 * attention. A first answer is given from that; then words look at the first answers around them, and at the choices,
 * and answer again: what a chain of tags would be taught (compare Wu et al., SlotRefine, arXiv 2010.02693).
 *
 * @module
 */
import { nn, ops, scalar, type Value } from '@kolben/engine';
import type { TaggerShape } from './shape.ts';

const { add, concat, flattenRows, gelu, mergeHeads, mul, reduceMax, reshapeLike } = ops;
const { scale, sigmoid, slice, softmax, splitHeads, sub, unsqueeze } = ops;

/** Dropout rates while training, each in [0, 1). */
export interface TaggerDropouts {
  /** Of the elements of word vectors. */
  readonly words: number;
  /** Of what each layer adds. */
  readonly layers: number;
  /** Of what enters the last layers. */
  readonly features: number;
}

export const noTaggerDropout: TaggerDropouts = { words: 0, layers: 0, features: 0 };

/** x + dropout(a · σ(b)), for a and b convolutions of the normed x; masked words stay zero. */
function gatedConvolution(x: Value, mask: Value, name: string, width: number, rate: number): Value {
  return x.graph.scope(name, () => {
    const both = nn.convolution(mul(nn.norm(x, 'norm', width), mask), 'convolution', 3, width, 2 * width);
    const gated = mul(slice(both, 2, 0, width), sigmoid(slice(both, 2, width, 2 * width)));
    return add(x, mul(nn.dropout(gated, rate), mask));
  });
}

/** Attention between the words of a text, and a feed-forward layer. */
function attentionLayer(x: Value, mask: Value, shape: TaggerShape, rate: number): Value {
  const { width, heads } = shape;
  return x.graph.scope('attention', () => {
    const rows = flattenRows(nn.norm(x, 'norm', width));
    const project = (name: string) => nn.linear(rows, name, width, width, { hidden: true });
    const bias = unsqueeze(unsqueeze(scale(sub(mask, scalar(mask, 1)), 1e9), 1), 1);
    const [q, k, v] = ['query', 'key', 'value'].map((name) => splitHeads(project(name), mask, heads));
    const attended = mergeHeads(nn.attention(q, k, v, bias), mask);
    const out = reshapeLike(nn.linear(attended, 'output', width, width, { hidden: true }), x);
    const y = add(x, nn.dropout(out, rate));
    const hidden = gelu(
      nn.linear(nn.norm(y, 'feedForwardNorm', width), 'up', width, 2 * width, { hidden: true }),
    );
    return add(y, nn.dropout(nn.linear(hidden, 'down', 2 * width, width, { hidden: true }), rate));
  });
}

/** (B, T, width) and the mask (B, T) → (B, T, width). */
export function encode(words: Value, mask: Value, shape: TaggerShape, dropouts: TaggerDropouts): Value {
  const column = unsqueeze(mask, 2);
  let x = mul(nn.dropout(words, dropouts.words), column);
  for (let layer = 0; layer < shape.convolutions; layer++)
    x = gatedConvolution(x, column, `layer${layer}`, shape.width, dropouts.layers);
  return shape.heads > 0 ? attentionLayer(x, mask, shape, dropouts.layers) : x;
}

/** The choices, from the strongest response of each feature over the words, and from the bag: (B, sum of choices). */
export function choose(
  x: Value,
  bag: Value,
  mask: Value,
  shape: TaggerShape,
  dropouts: TaggerDropouts,
): { readonly byWords: Value; readonly byBag: Value } {
  const { width } = shape;
  const classes = sum(shape.choices);
  const bias = unsqueeze(scale(sub(mask, scalar(mask, 1)), 1e4), 2);
  const strongest = reduceMax(add(nn.norm(x, 'norm', width), bias), [1]);
  return {
    byWords: nn.linear(nn.dropout(strongest, dropouts.features), 'words', width, classes, { hidden: false }),
    byBag: nn.linear(nn.dropout(nn.norm(bag, 'bagNorm', width), dropouts.features), 'bag', width, classes, {
      hidden: false,
    }),
  };
}

/** First tags: (B, T, sum of tags). */
export function firstTags(x: Value, shape: TaggerShape, dropouts: TaggerDropouts): Value {
  const features = nn.dropout(nn.norm(x, 'norm', shape.width), dropouts.features);
  return nn.linear(features, 'tags', shape.width, sum(shape.tags), { hidden: false });
}

/** The tags after a look at the first ones around, and at the choices: (B, T, sum of tags). */
export function secondTags(
  x: Value,
  first: Value,
  choices: Value | undefined,
  mask: Value,
  shape: TaggerShape,
  dropouts: TaggerDropouts,
): Value {
  const { width } = shape;
  const column = unsqueeze(mask, 2);
  const embedded = (logits: Value, sizes: readonly number[], axis: number, name: string) =>
    nn.linear(probabilities(logits, sizes, axis), name, sum(sizes), width, { hidden: true });
  let y = add(x, embedded(first, shape.tags, 2, 'first'));
  if (choices) y = add(y, unsqueeze(embedded(choices, shape.choices, 1, 'choices'), 1));
  y = mul(y, column);
  y = gatedConvolution(y, column, 'layer0', width, dropouts.layers);
  y = gatedConvolution(y, column, 'layer1', width, dropouts.layers);
  const features = nn.dropout(nn.norm(y, 'norm', width), dropouts.features);
  return nn.linear(features, 'tags', width, sum(shape.tags), { hidden: false });
}

function probabilities(logits: Value, sizes: readonly number[], axis: number): Value {
  const parts = partsOf(logits, sizes, axis).map((part) => softmax(part));
  return parts.length === 1 ? parts[0] : concat(parts, axis);
}

/** The logits of each layer of tags, or of each choice. */
export function partsOf(logits: Value, sizes: readonly number[], axis: number): Value[] {
  if (sizes.length === 1) return [logits];
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return slice(logits, axis, start - size, start);
  });
}

export function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
