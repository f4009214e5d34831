/**
 * What a training reads of its two tables, by rows and weights that the host has worked out (`batches.ts`).
 *
 * @module
 */
import { type Graph, ops, type Value } from '@kolben/engine';

const { cast, equal, gather, matmul, unsqueeze } = ops;

/** Small, so that the first steps move a vector by a good part of its length. */
export const tableDeviation = 0.1;

/**
 * The vectors of a text's words, each the sum of its spelling's: (B, T, width). Of S pieces and U words that differ:
 * inputs `pieceRows` (S), `pieceWeights` (U, S), `words` (B, T) in [0, U), `wordNumbers` (U) = 0…U-1.
 */
export function speltWords(graph: Graph, { pieces, width }: { pieces: number; width: number }): Value {
  const table = graph.parameter('pieces', [pieces, width], { kind: 'normal', deviation: tableDeviation });
  const rows = gather(table, graph.input('pieceRows', 'int64', ['S']));
  const types = matmul(graph.input('pieceWeights', 'float32', ['U', 'S']), rows);
  const words = unsqueeze(graph.input('words', 'int64', ['B', 'T']), 2);
  const chosen = equal(words, graph.input('wordNumbers', 'int64', ['U']));
  return matmul(cast(chosen, 'float32'), types);
}

/** The weighed sum of a text's features: (B, width). Of R features: inputs `bagRows` (R), `bagWeights` (B, R). */
export function weighedBag(graph: Graph, { bag, width }: { bag: number; width: number }): Value {
  const table = graph.parameter('table', [bag, width], { kind: 'normal', deviation: tableDeviation });
  const features = gather(table, graph.input('bagRows', 'int64', ['R']));
  return matmul(graph.input('bagWeights', 'float32', ['B', 'R']), features);
}
