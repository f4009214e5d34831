/**
 * The decoder of the Llama family (Touvron et al., arXiv 2302.13971): RMSNorm before each part, rotary positions,
 * grouped-query attention, SwiGLU; head and table of tokens may be one. Of its kin, Qwen2 (arXiv 2407.10671) adds
 * something to queries, keys and values, and Qwen3 (arXiv 2505.09388) normalises queries and keys head by head.
 *
 * Weights are (outputs, inputs), as files hold them. Rows of all sequences are one dimension, N = B·T, but where
 * attention needs them apart.
 *
 * @module
 */
import { Graph, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { exp } from '../graph/ops/exp.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gather } from '../graph/ops/gather.ts';
import { greater } from '../graph/ops/greater.ts';
import { log } from '../graph/ops/log.ts';
import { logSumExp } from '../graph/ops/log-sum-exp.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mergeHeads } from '../graph/ops/merge-heads.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { relu } from '../graph/ops/relu.ts';
import { rmsNorm } from '../graph/ops/rms-norm.ts';
import { rotary } from '../graph/ops/rotary.ts';
import { scale } from '../graph/ops/scale.ts';
import { silu } from '../graph/ops/silu.ts';
import { splitHeads } from '../graph/ops/split-heads.ts';
import { squeeze } from '../graph/ops/squeeze.ts';
import { sub } from '../graph/ops/sub.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { attention, causalAttention } from './attention.ts';
import { segmentMask } from './attention-mask.ts';
import { checkDecoderShape, checkLossOptions } from './check-decoder-shape.ts';
import {
  type DecoderLossOptions,
  type DecoderShape,
  type DecoderTeacher,
  headWidthOf,
} from './decoder-shape.ts';
import { divergence } from './divergence.ts';
import { dropout } from './dropout.ts';
import { checkLowRank, type LowRank } from './low-rank.ts';
import { project } from './project.ts';
import { partsOf } from './table-parts.ts';

export {
  type DecoderLossOptions,
  type DecoderShape,
  type DecoderTeacher,
  headWidthOf,
} from './decoder-shape.ts';

/**
 * The training loss: the weighted sum of the cross-entropies of `targets`, a single number.
 *
 * Inputs: `tokens`, `targets`, `positions` (B, T) int64 and `weights` (B, T); `segments` (B, T) int64 if packed.
 * Positions count from 0 within each sequence. A weight of 0 leaves a position out. Of a teacher that knows K tokens,
 * `teacherTokens` (B, T, K) int64 and `teacherLogShares` (B, T, K + 1), the rest's last; of one that knows all,
 * `teacherLogShares` (B, T, vocabulary): see `TeacherShares`.
 *
 * Blocks: `embed`, then `attention0`, `feedForward0`, …, then `head0`, ….
 *
 * @throws GraphError for a shape or options that make no model
 */
export function decoderLoss(shape: DecoderShape, options: DecoderLossOptions): Value {
  const {
    length,
    packed = false,
    dropout: rate = 0,
    smoothing = 0,
    headParts = 1,
    adapters,
    teacher,
  } = options;
  checkDecoderShape(shape);
  checkLossOptions(shape, options);
  if (adapters) checkLowRank(adapters);
  const graph = new Graph({ trainable: adapters === undefined });
  const rows = ['B', length];
  const ofVocabulary = { below: shape.vocabulary };
  const tokens = graph.input('tokens', 'int64', rows, ofVocabulary);
  const targets = graph.input('targets', 'int64', rows, ofVocabulary);
  const positions = graph.input('positions', 'int64', rows);
  const weights = graph.input('weights', 'float32', rows);
  const segments = packed ? graph.input('segments', 'int64', rows) : undefined;

  let { x, tables } = graph.block('embed', () => {
    const tables = shape.tied ? tokenTables(graph, shape, headParts) : [tokenTable(graph, shape)];
    return { tables, x: dropout(rowsOf(tables, tokens, shape), rate) };
  });
  const mask = segments && graph.block('mask', () => segmentMask(segments, { causal: true }));
  for (let layer = 0; layer < shape.layers; layer++) {
    x = graph.block(`attention${layer}`, () => {
      const { q, k, v } = queriesKeysValues(x, tokens, positions, shape, adapters);
      const attended = mask ? attention(q, k, v, mask) : causalAttention(q, k, v);
      return add(x, dropout(attentionOutput(mergeHeads(attended, tokens), shape, adapters), rate));
    });
    x = graph.block(`feedForward${layer}`, () => add(x, dropout(feedForward(x, shape, adapters), rate)));
  }
  return headLoss({ x, tables, targets, weights, shape, smoothing, headParts, teacher });
}

/** The table of tokens: (vocabulary, width). */
export function tokenTable(graph: Graph, { vocabulary, width }: DecoderShape): Value {
  return graph.parameter('tokens', [vocabulary, width], { kind: 'normal', deviation: width ** -0.5 });
}

/** The table of tokens in so many parts: (rows of the part, width) each. */
function tokenTables(graph: Graph, shape: DecoderShape, parts: number): Value[] {
  if (parts === 1) return [tokenTable(graph, shape)];
  const { width } = shape;
  return partsOf(shape.vocabulary, parts).map(({ start, end }, part) =>
    graph.parameter(`tokens${part}`, [end - start, width], { kind: 'normal', deviation: width ** -0.5 }),
  );
}

/** The tokens' rows of a table that may be in parts: (B, T) → (B·T, width). */
function rowsOf(tables: readonly Value[], tokens: Value, shape: DecoderShape): Value {
  if (tables.length === 1) return flattenRows(gather(tables[0], tokens));
  const flat = flatColumn(tokens);
  return partsOf(shape.vocabulary, tables.length)
    .map(({ start, end }, part) => {
      const { column, inside } = inPart(flat, start, end);
      return mul(gather(tables[part], squeeze(column, 1)), inside);
    })
    .reduce((sum, rows) => add(sum, rows));
}

/** The normed input of an attention part, as rotated queries and keys, and values: (B, heads, T, d) each. */
export function queriesKeysValues(
  x: Value,
  like: Value,
  positions: Value,
  shape: DecoderShape,
  adapters?: LowRank,
) {
  const { width, heads, keyValueHeads, rotaryBase, rotaryPairs, rotaryScaling, attentionBias } = shape;
  const headWidth = headWidthOf(shape);
  const normed = normalised(x, 'norm', shape);
  const options = { bias: attentionBias ?? false, adapters };
  const part = (name: 'query' | 'key', count: number) => {
    const rows = project(normed, name, width, count * headWidth, options);
    if (!shape.queryKeyNorm) return rows;
    const { graph } = x;
    const gain = graph.parameter(`${name}Norm`, [headWidth], { kind: 'ones' });
    return mergeHeads(rmsNorm(splitHeads(rows, like, count), gain, shape.epsilon), like);
  };
  const turned = (name: 'query' | 'key', count: number) =>
    splitHeads(
      rotary(part(name, count), positions, {
        heads: count,
        positions: shape.positions,
        base: rotaryBase,
        pairs: rotaryPairs,
        scaling: rotaryScaling,
      }),
      like,
      count,
    );
  return {
    q: turned('query', heads),
    k: turned('key', keyValueHeads),
    v: splitHeads(project(normed, 'value', width, keyValueHeads * headWidth, options), like, keyValueHeads),
  };
}

/** What the heads saw, together, back in the residual stream: (N, heads · d) → (N, width). */
export function attentionOutput(attended: Value, shape: DecoderShape, adapters?: LowRank): Value {
  return project(attended, 'output', shape.heads * headWidthOf(shape), shape.width, { adapters });
}

/** SwiGLU (Shazeer, arXiv 2002.05202) of the normed input: (N, width) → (N, width). */
export function feedForward(x: Value, shape: DecoderShape, adapters?: LowRank): Value {
  const { width, hidden } = shape;
  const normed = normalised(x, 'norm', shape);
  const gate = silu(project(normed, 'gate', width, hidden, { adapters }));
  return project(mul(gate, project(normed, 'up', width, hidden, { adapters })), 'down', hidden, width, {
    adapters,
  });
}

export function normalised(x: Value, name: string, { width, epsilon }: DecoderShape): Value {
  return rmsNorm(x, x.graph.parameter(name, [width], { kind: 'ones' }), epsilon);
}

interface HeadInputs {
  readonly x: Value;
  /** The table of tokens, in as many parts as a tied head has. */
  readonly tables: readonly Value[];
  readonly targets: Value;
  readonly weights: Value;
  readonly shape: DecoderShape;
  readonly smoothing: number;
  readonly headParts: number;
  readonly teacher: DecoderTeacher | undefined;
}

/**
 * The loss from the last rows. Each part of the vocabulary gives the logarithm of its own sum and the logit of the
 * target if it has it; what goes from part to part is a few numbers a row.
 */
function headLoss(inputs: HeadInputs): Value {
  const { x, tables, targets, weights, shape, smoothing, headParts: parts, teacher } = inputs;
  const { graph } = x;
  const { vocabulary, width } = shape;
  const carried = { normed: x, total: x, target: x, loss: x };
  for (const [part, { start, end }] of partsOf(shape.vocabulary, parts).entries()) {
    graph.block(`head${part}`, () => {
      if (part === 0) carried.normed = normalised(x, 'norm', shape);
      const { normed } = carried;
      const rows = shape.tied
        ? tables[part]
        : graph.parameter('table', [end - start, width], { kind: 'normal', deviation: width ** -0.5 });
      const total = logSumExp(normed, rows);
      const column = flatColumn(targets);
      const target = targetLogit(normed, rows, parts === 1 ? { column } : inPart(column, start, end));
      const smoothed =
        smoothing === 0
          ? target
          : add(scale(target, 1 - smoothing), scale(sumOfLogits(normed, rows), smoothing / vocabulary));
      carried.total = part === 0 ? total : logAdd(carried.total, total);
      carried.target = part === 0 ? smoothed : add(carried.target, smoothed);
      if (part < parts - 1) return;
      const likelihood = sub(carried.target, carried.total);
      const hard = scale(reduceSum(mul(likelihood, flatColumn(weights)), [0, 1]), -1);
      if (!teacher) {
        carried.loss = hard;
        return;
      }
      const { share = 1 } = teacher;
      const soft = scale(teacherLoss(matmul(normed, rows, { transposeB: true }), weights, teacher), share);
      carried.loss = share === 1 ? soft : add(scale(hard, 1 - share), soft);
    });
  }
  return carried.loss;
}

/** The divergence from the teacher whose distribution the inputs tell. */
function teacherLoss(logits: Value, weights: Value, { known, ...options }: DecoderTeacher): Value {
  const { graph } = logits;
  const rows = weights.shape;
  const vocabulary = logits.shape[1] as number;
  const shares = (count: number) => flattenRows(graph.input('teacherLogShares', 'float32', [...rows, count]));
  const teacher =
    known === undefined
      ? { logShares: shares(vocabulary) }
      : {
          classes: flattenRows(
            graph.input('teacherTokens', 'int64', [...rows, known], { below: vocabulary }),
          ),
          logShares: shares(known + 1),
        };
  return divergence(logits, teacher, squeeze(flatColumn(weights), 1), options);
}

/** (B, T) → (N, 1). */
function flatColumn(x: Value): Value {
  return flattenRows(unsqueeze(x, 2));
}

interface Targets {
  /** (N, 1) int64: rows of the part's table. */
  readonly column: Value;
  /** (N, 1): 1 where the target is in this part; everywhere if undefined. */
  readonly inside?: Value;
}

/** Which of the tokens lie in rows `start` to `end`, counted from there. */
function inPart(column: Value, start: number, end: number): Required<Targets> {
  // Whole numbers up to 2^24 are exact in float32, and no vocabulary is larger.
  const target = cast(column, 'float32');
  const inside = mul(
    greater(target, scalar(target, start - 0.5)),
    greater(scalar(target, end - 0.5), target),
  );
  return { column: cast(mul(sub(target, scalar(target, start)), inside), 'int64'), inside };
}

/** (N, D), (V, D) → (N, 1). */
function targetLogit(x: Value, table: Value, { column, inside }: Targets): Value {
  const logit = reduceSum(mul(x, gather(table, squeeze(column, 1))), [1], { keepDims: true });
  return inside ? mul(logit, inside) : logit;
}

/** The sum of a row's logits is the product with the sum of the table's rows: (N, 1). */
function sumOfLogits(x: Value, table: Value): Value {
  return reduceSum(mul(x, reduceSum(table, [0])), [1], { keepDims: true });
}

/** log(e^a + e^b), with nothing that overflows. */
function logAdd(a: Value, b: Value): Value {
  const largest = add(b, relu(sub(a, b)));
  return add(largest, log(add(exp(sub(a, largest)), exp(sub(b, largest)))));
}
