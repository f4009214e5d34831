/**
 * The decoder's answering program: the next tokens' logits, with the keys and values of what has been read kept.
 *
 * @module
 */
import { emitProgram, type Program } from '../compile/program.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { append } from '../graph/ops/append.ts';
import { cast } from '../graph/ops/cast.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gather } from '../graph/ops/gather.ts';
import { greater } from '../graph/ops/greater.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mergeHeads } from '../graph/ops/merge-heads.ts';
import { scale } from '../graph/ops/scale.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import type { Parameters } from '../run/run-state.ts';
import { attention, masked } from './attention.ts';
import {
  type DecoderShape,
  feedForward,
  normalised,
  project,
  queriesKeysValues,
  tokenTable,
} from './decoder.ts';
import { joinTables } from './join-tables.ts';

/**
 * One program for reading a prompt and for every token after it. The head's table may be in parts.
 *
 * `tokens` (1, N) and `positions` (1, N) int64, `pastPositions` (1, P) int64, and for each layer `key0`, `value0`, …
 * (1, K, P, d) → `logits` (N, vocabulary), and `key0.next`, `value0.next`, … (1, K, P + N, d). P may be 0.
 */
export function decoderStepProgram(shape: DecoderShape, trained: Parameters): Program {
  const parameters = joinTables(shape, trained);
  const graph = new Graph();
  const tokens = graph.input('tokens', 'int64', [1, 'N']);
  const positions = graph.input('positions', 'int64', [1, 'N']);
  const all = append(graph.input('pastPositions', 'int64', [1, 'P']), positions, 1, 'S');
  const { width, layers, heads, keyValueHeads, vocabulary } = shape;
  const past = ['key', 'value'].map((name) =>
    Array.from({ length: layers }, (_, layer) =>
      graph.input(`${name}${layer}`, 'float32', [1, keyValueHeads, 'P', width / heads]),
    ),
  );
  const outputs: { value: Value; name: string }[] = [];

  const table = graph.block('embed', () => tokenTable(graph, shape));
  let x = flattenRows(gather(table, tokens));
  const seen = cast(all, 'float32');
  const asking = cast(positions, 'float32');
  // A position sees no later one: (1, N, 1) against (1, 1, S).
  const mask = scale(greater(unsqueeze(seen, 1), unsqueeze(asking, 2)), masked);
  for (let layer = 0; layer < layers; layer++) {
    x = graph.block(`attention${layer}`, () => {
      const { q, k, v } = queriesKeysValues(x, tokens, positions, shape);
      const [keys, values] = [k, v].map((fresh, i) => append(past[i][layer], fresh, 2, 'S'));
      outputs.push({ value: keys, name: `key${layer}.next` }, { value: values, name: `value${layer}.next` });
      const attended = attention(q, keys, values, unsqueeze(mask, 1));
      return add(x, project(mergeHeads(attended, tokens), 'output', width, width));
    });
    x = graph.block(`feedForward${layer}`, () => add(x, feedForward(x, shape)));
  }
  const logits = graph.block('head0', () => {
    const normed = normalised(x, 'norm', shape);
    const rows = shape.tied
      ? table
      : graph.parameter('table', [vocabulary, width], { kind: 'normal', deviation: 1 });
    return matmul(normed, rows, { transposeB: true });
  });
  const fixed = new Map(
    graph.values.flatMap((value) =>
      value.source?.kind === 'parameter'
        ? [[value, { data: parameters[value.source.name], dims: value.shape as number[] }] as const]
        : [],
    ),
  );
  return emitProgram({ name: 'decoder', outputs: [{ value: logits, name: 'logits' }, ...outputs], fixed });
}
