/**
 * The student as it is trained: what it reads are rows and weights that the host has worked out (`batches.ts`).
 *
 * Blocks, between which the model may be cut: the vectors of words, their two branches, the branch of the bag, the loss.
 *
 * @module
 */
import { Graph, nn, type Value } from '@kolben/engine';
import type { StudentShape } from './shape.ts';
import { speltWords, weighedBag } from './training-tables.ts';

export interface Regularisation extends nn.Dropouts {
  readonly smoothing: number;
}

/**
 * Inputs of a microbatch of B texts with T words, U words that differ, S pieces and R features of the bag:
 * `pieceRows` (S), `pieceWeights` (U, S), `wordNumbers` (U) = 0…U-1, `words` (B, T) in [0, U), `wordMask` (B, T),
 * `bagRows` (R), `bagWeights` (B, R), `targets` (B, classes): the shares of the labels, `exampleWeights` (B).
 *
 * @param options `multiple`: a text may have several labels or none; `targets` are then the probability of each label.
 * Default false.
 */
export function trainingLoss(
  shape: StudentShape,
  regularisation: Regularisation,
  { multiple = false }: { readonly multiple?: boolean } = {},
): Value {
  const graph = new Graph();
  const vectors = graph.block('words', () => speltWords(graph, shape));
  const mask = graph.input('wordMask', 'float32', ['B', 'T']);
  const byWords = graph.block('order', () => nn.wordBranch(vectors, mask, shape, regularisation));
  const byAttention = graph.block('attention', () =>
    nn.attentionBranch(vectors, mask, shape, regularisation),
  );
  const byBag = graph.block('bag', () => nn.bagBranch(weighedBag(graph, shape), shape, regularisation));
  const branches = [byWords, byAttention, byBag];
  return graph.block('answer', () => {
    const targets = graph.input('targets', 'float32', ['B', shape.classes]);
    const weights = graph.input('exampleWeights', 'float32', ['B']);
    const loss = multiple ? nn.branchesLossOfMany : nn.branchesLoss;
    return loss(branches, targets, weights, regularisation);
  });
}
