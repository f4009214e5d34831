/**
 * The decoder's answering program: the next tokens' logits, with the keys and values of what has been read kept on
 * the chip.
 *
 * @module
 */
import { emitProgram, type Output, type Program } from '../compile/program.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { append } from '../graph/ops/append.ts';
import { cast } from '../graph/ops/cast.ts';
import { expandLike } from '../graph/ops/expand-like.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gather } from '../graph/ops/gather.ts';
import { greater } from '../graph/ops/greater.ts';
import { groupQueries } from '../graph/ops/group-queries.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mergeHeads } from '../graph/ops/merge-heads.ts';
import { reshapeLike } from '../graph/ops/reshape-like.ts';
import { scale } from '../graph/ops/scale.ts';
import { scatterElements } from '../graph/ops/scatter-elements.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { dimProduct, formatShape } from '../graph/shape.ts';
import type { Parameters } from '../run/run-state.ts';
import { attention, masked } from './attention.ts';
import { checkDecoderShape } from './check-decoder-shape.ts';
import {
  attentionOutput,
  type DecoderShape,
  feedForward,
  headWidthOf,
  normalised,
  queriesKeysValues,
  tokenTable,
} from './decoder.ts';
import { type KeptNumbers, keptNumbers } from './fix-parameters.ts';
import { GenerateError } from './generate-error.ts';
import { joinTables } from './join-tables.ts';

/**
 * One program for reading prompts at once and for every token after them, to be run with a state. The head's table may
 * be in parts.
 *
 * `tokens` (B, N) and `positions` (B, N) int64; `slots` (C) int64, which are 0, 1, …, C - 1: for so many positions
 * keys and values are kept, more than any of `positions`; `asked` (R) int64: of which of the B · N tokens logits are
 * wanted → `logits` (R, vocabulary). In the state, for each layer: `key0`, `value0`, … (B, K, C, d).
 */
export function decoderStepProgram(
  shape: DecoderShape,
  trained: Parameters,
  kept: KeptNumbers = {},
): Program {
  checkDecoderShape(shape);
  const graph = new Graph();
  const tokens = graph.input('tokens', 'int64', ['B', 'N']);
  const positions = graph.input('positions', 'int64', ['B', 'N']);
  const slots = graph.input('slots', 'int64', ['C']);
  const asked = graph.input('asked', 'int64', ['R']);
  const outputs: Output[] = [];
  /** What is kept under `name`, with `fresh` (B, K, N, d) at its positions. */
  const slotsOf = (name: string, fresh: Value) => {
    const before = graph.input(name, 'float32', ['B', shape.keyValueHeads, 'C', headWidthOf(shape)]);
    const places = expandLike(unsqueeze(unsqueeze(positions, 1), 3), fresh);
    const value = scatterElements(before, places, fresh, { axis: 2 });
    outputs.push({ value, name: `${name}.next`, replaces: name });
    return value;
  };
  const { x, table } = readingRows({
    ...{ shape, tokens, positions },
    mask: causalMask(positions, slots, shape.heads / shape.keyValueHeads),
    keys: (layer, fresh) => slotsOf(`key${layer}`, fresh),
    values: (layer, fresh) => slotsOf(`value${layer}`, fresh),
  });
  const logits = graph.block('head0', () => {
    const normed = normalised(gather(x, asked), 'norm', shape);
    return matmul(normed, headTable(table, shape), { transposeB: true });
  });
  return emitProgram({
    name: 'decoder',
    outputs: [{ value: logits, name: 'logits' }, ...outputs],
    ...keptNumbers(fixedParameters(graph, shape, trained), kept),
    intoGivenMemory: true,
  });
}

interface Reading {
  readonly shape: DecoderShape;
  /** (B, N) int64, as the positions. */
  readonly tokens: Value;
  readonly positions: Value;
  /** Added to the scores, broadcastable to (B, K, H/K · N, …). */
  readonly mask: Value;
  /** All keys that a layer looks at, from those of the tokens: (B, K, N, d) → (B, K, …, d). */
  readonly keys: (layer: number, fresh: Value) => Value;
  readonly values: (layer: number, fresh: Value) => Value;
}

/** The last rows (B · N, width) of tokens that are read after others, and the table of tokens. */
export function readingRows({ shape, tokens, positions, mask, keys, values }: Reading) {
  const { graph } = tokens;
  const { keyValueHeads } = shape;
  const table = graph.block('embed', () => tokenTable(graph, shape));
  let x = flattenRows(gather(table, tokens));
  for (let layer = 0; layer < shape.layers; layer++) {
    x = graph.block(`attention${layer}`, () => {
      const { q, k, v } = queriesKeysValues(x, tokens, positions, shape);
      const queries = groupQueries(q, keyValueHeads);
      const attended = attention(queries, keys(layer, k), values(layer, v), mask);
      return add(x, attentionOutput(mergeHeads(reshapeLike(attended, q), tokens), shape));
    });
    x = graph.block(`feedForward${layer}`, () => add(x, feedForward(x, shape)));
  }
  return { x, table };
}

/** The table of the head; that of the tokens, if they share it. */
export function headTable(tokens: Value, { tied, vocabulary, width }: DecoderShape): Value {
  if (tied) return tokens;
  return tokens.graph.parameter('table', [vocabulary, width], { kind: 'normal', deviation: 1 });
}

/**
 * The trained numbers in the places of a graph's parameters.
 *
 * @throws GenerateError (`generate_parameters`) when one is missing or of another size
 */
export function fixedParameters(graph: Graph, shape: DecoderShape, trained: Parameters) {
  const parameters = joinTables(shape, trained);
  const parameterOf = ({ shape: dims }: Value, name: string) => {
    const data = parameters[name];
    if (data?.length !== (dims as number[]).reduce((product, dim) => product * dim, 1))
      throw new GenerateError(
        'generate_parameters',
        `The parameter "${name}" ${data ? `has ${data.length} numbers` : 'is missing'}; a decoder of this shape needs it as ${formatShape(dims)}.`,
      );
    return data;
  };
  return new Map(
    graph.values.flatMap((value) =>
      value.source?.kind === 'parameter'
        ? [[value, { data: parameterOf(value, value.source.name), dims: value.shape as number[] }] as const]
        : [],
    ),
  );
}

/**
 * Added to the scores of queries at `positions` (B, N), once for each of the `times` heads that share keys, by what is
 * kept in `slots` (C): a position sees no later one, nor what has not been written yet. (B, 1, times · N, C).
 */
function causalMask(positions: Value, slots: Value, times: number): Value {
  let asking = positions;
  for (let head = 1; head < times; head++)
    asking = append(asking, positions, 1, dimProduct([head + 1, positions.shape[1]]));
  const [seen, column] = [slots, unsqueeze(unsqueeze(asking, 1), 3)].map((value) => cast(value, 'float32'));
  return scale(greater(seen, column), masked);
}
