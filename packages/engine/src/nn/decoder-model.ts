/**
 * A decoder as the ONNX model that other people's tools generate with: keys and values go in and come out.
 *
 * The names are those that transformers.js and Optimum give them (`past_key_values.0.key`, `present.0.key`, …).
 *
 * @module
 */
import { emitProgram, type Output } from '../compile/program.ts';
import { Graph, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { append } from '../graph/ops/append.ts';
import { cast } from '../graph/ops/cast.ts';
import { cumulativeSum } from '../graph/ops/cumulative-sum.ts';
import { greater } from '../graph/ops/greater.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { scale } from '../graph/ops/scale.ts';
import { splitHeads } from '../graph/ops/split-heads.ts';
import { squeeze } from '../graph/ops/squeeze.ts';
import { sub } from '../graph/ops/sub.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { dimProduct } from '../graph/shape.ts';
import type { Parameters } from '../run/run-state.ts';
import { masked } from './attention.ts';
import { checkDecoderShape } from './check-decoder-shape.ts';
import { type DecoderShape, headWidthOf, normalised } from './decoder.ts';
import { fixedParameters, headTable, readingRows } from './decoder-step.ts';
import { type KeptNumbers, keptNumbers } from './fix-parameters.ts';

/**
 * The ONNX model of a decoder. `input_ids` and `position_ids` (B, N), `attention_mask` (B, S), all int64, S = P + N; for
 * each layer `past_key_values.0.key`, `.value` (B, K, P, d), P of 0 at first → `logits` (B, N, vocabulary) and
 * `present.0.key`, `.value` (B, K, S, d). A mask of 0 leaves out what fills up on the left; positions count the others.
 *
 * @throws GenerateError (`generate_parameters`) when a parameter is missing or of another size
 */
export function decoderModel(
  shape: DecoderShape,
  trained: Parameters,
  { metadata, rowBits }: KeptNumbers & { readonly metadata?: Readonly<Record<string, string>> } = {},
): Uint8Array {
  checkDecoderShape(shape);
  const graph = new Graph();
  const { heads, keyValueHeads } = shape;
  const tokens = graph.input('input_ids', 'int64', ['B', 'N'], { below: shape.vocabulary });
  const attended = graph.input('attention_mask', 'int64', ['B', 'S']);
  const positions = graph.input('position_ids', 'int64', ['B', 'N']);
  const outputs: Output[] = [];
  const kept = (name: string, fresh: Value) => {
    const past = graph.input(`past_key_values.${name}`, 'float32', [
      'B',
      keyValueHeads,
      'P',
      headWidthOf(shape),
    ]);
    const value = append(past, fresh, 2, 'S');
    outputs.push({ value, name: `present.${name}` });
    return value;
  };
  const { x, table } = readingRows({
    ...{ shape, tokens, positions },
    mask: seenMask(attended, positions, heads / keyValueHeads),
    keys: (layer, fresh) => kept(`${layer}.key`, fresh),
    values: (layer, fresh) => kept(`${layer}.value`, fresh),
  });
  const logits = graph.block('head0', () => {
    const normed = squeeze(splitHeads(normalised(x, 'norm', shape), tokens, 1), 1);
    return matmul(normed, headTable(table, shape), { transposeB: true });
  });
  const { onnx } = emitProgram({
    name: 'decoder',
    outputs: [{ value: logits, name: 'logits' }, ...outputs],
    ...keptNumbers(fixedParameters(graph, shape, trained), { rowBits }),
    metadata,
  });
  return onnx;
}

/**
 * Added to the scores of queries at `positions` (B, N), once for each of the `times` heads that share keys: nothing for
 * what is attended (B, S) and not later than they, far below any score for the rest. (B, 1, times · N, S).
 */
function seenMask(attended: Value, positions: Value, times: number): Value {
  let asking = positions;
  for (let head = 1; head < times; head++)
    asking = append(asking, positions, 1, dimProduct([head + 1, positions.shape[1]]));
  const row = (value: Value) => unsqueeze(unsqueeze(cast(value, 'float32'), 1), 2);
  const places = row(cumulativeSum(attended, 1));
  const asked = unsqueeze(unsqueeze(cast(asking, 'float32'), 1), 3);
  // Places count from 1, positions from 0.
  const later = greater(places, add(asked, scalar(asked, 1)));
  const filling = sub(scalar(places, 1), row(attended));
  return add(scale(later, masked), scale(filling, masked));
}
