/**
 * The tagger as it is trained: what it reads are rows and weights that the host has worked out.
 *
 * Blocks, between which the model may be cut: the vectors of words, their order, the bag and the choices, the tags, the
 * loss.
 *
 * @module
 */
import { Graph, nn, ops, type Value } from '@kolben/engine';
import { speltWords, tableDeviation, weighedBag } from '../words-and-bag/training-tables.ts';
import { choose, encode, firstTags, partsOf, secondTags, type TaggerDropouts } from './layers.ts';
import type { TaggerShape } from './shape.ts';
import { writingFeatures } from './writing.ts';

const { add, flattenRows, matmul, scale, squeeze, unsqueeze } = ops;

export interface TaggerRegularisation extends TaggerDropouts {
  readonly smoothing: number;
}

/**
 * Inputs of a microbatch: those of `words-and-bag/training-graph.ts` without `labels`, and `writings` (B, T,
 * writingFeatures), `tags0`, `tags1`, … (B, T) for each layer, `tagWeights` (B, T), `choice0`, … (B) for each choice,
 * `choiceWeights0`, … (B).
 */
export function taggerLoss(shape: TaggerShape, regularisation: TaggerRegularisation): TaggerGraph {
  const graph = new Graph();
  const options = { smoothing: regularisation.smoothing };
  const mask = graph.input('wordMask', 'float32', ['B', 'T']);
  const vectors = graph.block('words', () =>
    add(
      speltWords(graph, shape),
      writingVectors(graph.input('writings', 'float32', ['B', 'T', writingFeatures]), shape.width),
    ),
  );
  const x = graph.block('order', () => encode(vectors, mask, shape, regularisation));
  const chosen =
    shape.choices.length === 0
      ? undefined
      : graph.block('choices', () => {
          const parts = choose(x, weighedBag(graph, shape), mask, shape, regularisation);
          return { ...parts, both: add(parts.byWords, parts.byBag) };
        });
  const choices = chosen?.both;
  const tags =
    shape.tags.length === 0
      ? undefined
      : graph.block('tags', () => {
          const first = graph.scope('first', () => firstTags(x, shape, regularisation));
          const second = graph.scope('second', () =>
            secondTags(x, first, choices, mask, shape, regularisation),
          );
          return { first, second: add(first, second) };
        });
  const loss = graph.block('answer', () => {
    const losses: Value[] = [];
    const flat = (value: Value) => squeeze(flattenRows(unsqueeze(value, 2)), 1);
    if (tags) {
      const weights = flat(graph.input('tagWeights', 'float32', ['B', 'T']));
      const second = partsOf(tags.second, shape.tags, 2);
      partsOf(tags.first, shape.tags, 2).forEach((first, layer) => {
        const targets = flat(graph.input(`tags${layer}`, 'int64', ['B', 'T']));
        const lossOf = (logits: Value) => nn.crossEntropy(flattenRows(logits), targets, weights, options);
        losses.push(scale(lossOf(first), 0.5), lossOf(second[layer]));
      });
    }
    if (chosen) {
      const { byWords, byBag, both } = chosen;
      const parts = [both, byWords, byBag].map((logits) => partsOf(logits, shape.choices, 1));
      shape.choices.forEach((_, i) => {
        const targets = graph.input(`choice${i}`, 'int64', ['B']);
        const weights = graph.input(`choiceWeights${i}`, 'float32', ['B']);
        for (const part of parts) losses.push(nn.crossEntropy(part[i], targets, weights, options));
      });
    }
    return losses.reduce((a, b) => add(a, b));
  });
  return { loss, tags: tags?.second, choices };
}

export interface TaggerGraph {
  readonly loss: Value;
  /** Logits (B, T, sum of tags). */
  readonly tags: Value | undefined;
  /** Logits (B, sum of choices). */
  readonly choices: Value | undefined;
}

/** The vectors of how words are written: (B, T, writingFeatures) → (B, T, width). */
export function writingVectors(writings: Value, width: number): Value {
  const table = writings.graph.parameter('writing', [writingFeatures, width], {
    kind: 'normal',
    deviation: tableDeviation,
  });
  return matmul(writings, table);
}
