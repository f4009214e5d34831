/**
 * The student as it answers: bytes in, logits out, nothing beside the model.
 *
 * It reads the same parameters as the training graph; what the host works out there (rows, weights, which word
 * stands where) is worked out here by the graph itself.
 *
 * @module
 */
import {
  constant,
  emitProgram,
  Graph,
  nn,
  ops,
  type Parameters,
  type TensorData,
  type Value,
} from '@kolben/engine';
import type { StudentShape } from './shape.ts';
import { buckets, spelling } from './spelling.ts';
import { noRow, type Vocabulary } from './vocabulary.ts';

const { add, cast, cumulativeSum, div, equal, gather, gatherElements, greater, log, matmul, mul, reduceSum } =
  ops;
const { scale, scatterElements, sqrt, squeeze, sub, unsqueeze } = ops;

/**
 * The ONNX model of a student: input `input_ids` (B, L), int64 bytes of the text, 0 where there is none (L may
 * be 0); output `logits` (B, classes).
 *
 * @param temperature that the logits are divided by, so that their softmax is the confidence
 */
export function answeringModel(
  shape: StudentShape,
  vocabulary: Vocabulary,
  parameters: Parameters,
  { temperature, metadata }: { temperature: number; metadata: Readonly<Record<string, string>> },
): Uint8Array {
  const graph = new Graph();
  const bytes = graph.input('input_ids', 'int64', ['batch', 'length']);
  const spelt = spelling(bytes);

  const [vectors, mask] = graph.block('words', () => wordVectors(bytes, spelt, shape, vocabulary));
  const byWords = graph.block('order', () => nn.wordBranch(vectors, mask, shape, nn.noDropout));
  const byBag = graph.block('bag', () =>
    nn.bagBranch(bagVector(bytes, spelt, shape, vocabulary), shape, nn.noDropout),
  );
  const logits = scale(add(byWords, byBag), 1 / temperature);

  const fixed = new Map<Value, TensorData>();
  for (const value of graph.values) {
    if (value.source?.kind !== 'parameter') continue;
    const { name } = value.source;
    const data = parameters[name];
    fixed.set(value, {
      data: hasEmptyRow(name) ? withoutFirstRow(data, shape.width) : data,
      dims: value.shape as number[],
    });
  }
  return emitProgram({ name: 'student', outputs: [{ value: logits, name: 'logits' }], fixed, metadata }).onnx;
}

/** Whether row 0 of a parameter stands for features without a vector. */
export const hasEmptyRow = (name: string) => name === 'words.pieces' || name === 'bag.table';

/** A table whose row 0, features without a vector, is zero. */
export function withoutFirstRow(table: Float32Array, width: number): Float32Array {
  const copy = table.slice();
  copy.fill(0, noRow * width, (noRow + 1) * width);
  return copy;
}

type Spelt = ReturnType<typeof spelling>;

/** By bucket, the row of a table. Kept as int32, half the size in the file. */
const rowTable = (graph: Graph, rows: Int32Array) =>
  graph.constant({ data: rows, dims: [buckets + 1] }, 'int32');

/** Looks rows up by bucket: (B, L) → (B, L). */
const rowsOf = (rows: Value, features: Value) => cast(gather(rows, features), 'int64');

/** The vectors of the first words, (B, maxWords, width), and the mask of those that are there, (B, maxWords). */
export function wordVectors(
  bytes: Value,
  spelt: Spelt,
  shape: Pick<StudentShape, 'maxWords' | 'width' | 'pieces'>,
  vocabulary: Vocabulary,
): [Value, Value] {
  const { graph } = bytes;
  const { maxWords, width } = shape;
  const table = graph.parameter('pieces', [shape.pieces, width], { kind: 'zeros' });
  const places = constant(
    bytes,
    'int64',
    Array.from({ length: maxWords }, (_, i) => i),
    [maxWords, 1],
  );
  const nothing = constant(bytes, 'int64', [-1], []);
  const one = constant(bytes, 'int64', [1], []);

  // (B, maxWords, L): which bytes belong to which word, and which place in (B, L) holds which word.
  const wordOf = add(mul(spelt.wordOf, spelt.inWord), mul(nothing, sub(one, spelt.inWord)));
  const ofWord = cast(equal(places, unsqueeze(wordOf, 1)), 'float32');
  const position = cumulativeSum(equal(bytes, bytes), 1, { exclusive: true });
  const atPlace = cast(equal(places, unsqueeze(position, 1)), 'float32');

  let sum: Value | undefined;
  let count: Value | undefined;
  const collect = (choice: Value, rows: Value) => {
    const vectors = matmul(choice, gather(table, rows));
    const known = matmul(
      choice,
      unsqueeze(cast(greater(rows, constant(rows, 'int64', [noRow], [])), 'float32'), 2),
    );
    sum = sum ? add(sum, vectors) : vectors;
    count = count ? add(count, known) : known;
  };
  collect(atPlace, rowsOf(rowTable(graph, vocabulary.wordRows), spelt.words));
  const gramRows = rowTable(graph, vocabulary.gramRows);
  for (const grams of spelt.grams) collect(ofWord, rowsOf(gramRows, grams));

  const exists = matmul(atPlace, unsqueeze(cast(spelt.exists, 'float32'), 2));
  // No pieces, no word: the sum is zero whatever it is divided by.
  const divisor = sqrt(add(count as Value, sub(constant(exists, 'float32', [1], []), exists)));
  // A text without words still has its first place, an empty word, as in training.
  const first = constant(
    bytes,
    'float32',
    Array.from({ length: maxWords }, (_, i) => Number(i === 0)),
    [maxWords],
  );
  const present = cast(
    greater(add(squeeze(exists, 2), first), constant(exists, 'float32', [0], [])),
    'float32',
  );
  return [div(sum as Value, divisor), present];
}

/** The weighted sum of the bag's vectors, (B, width): TF-IDF of unit length. */
export function bagVector(
  bytes: Value,
  spelt: Spelt,
  shape: Pick<StudentShape, 'bag' | 'width'>,
  vocabulary: Vocabulary,
): Value {
  const { graph } = bytes;
  const table = graph.parameter('table', [shape.bag, shape.width], { kind: 'zeros' });
  const idf = graph.constant({ data: vocabulary.idf, dims: [shape.bag] }, 'float32');
  const bagRows = rowTable(graph, vocabulary.bagRows);
  const features = [...spelt.grams, spelt.words, spelt.pairs].map((values) => rowsOf(bagRows, values));

  // (B, bag): how often each row occurs in each text.
  const perText = scale(reduceSum(cast(bytes, 'float32'), [1], { keepDims: true }), 0);
  let counts = add(
    perText,
    graph.constant({ data: new Float32Array(shape.bag), dims: [1, shape.bag] }, 'float32'),
  );
  for (const rows of features) {
    const ones = cast(equal(rows, rows), 'float32');
    counts = scatterElements(counts, rows, ones, { axis: 1, reduction: 'add' });
  }

  // A feature that occurs c times stands at c bytes, so each of them carries a c-th of its weight 1 + ln c.
  let sum: Value | undefined;
  let squares: Value | undefined;
  for (const rows of features) {
    const count = gatherElements(counts, rows, 1);
    const frequency = add(log(count), constant(count, 'float32', [1], []));
    const inverse = gather(idf, rows);
    const share = div(mul(inverse, frequency), count);
    const vectors = squeeze(matmul(unsqueeze(share, 1), gather(table, rows)), 1);
    const square = reduceSum(mul(share, mul(inverse, frequency)), [1], { keepDims: true });
    sum = sum ? add(sum, vectors) : vectors;
    squares = squares ? add(squares, square) : square;
  }
  return div(sum as Value, sqrt(add(squares as Value, constant(bytes, 'float32', [1e-12], []))));
}
