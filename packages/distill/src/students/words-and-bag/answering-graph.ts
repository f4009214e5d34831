/**
 * The student as it answers: bytes in, logits out, nothing beside the model.
 *
 * It reads the same parameters as the training graph; what the host works out there (rows, weights, which word
 * stands where) is worked out here by the graph itself.
 *
 * @module
 */
import { constant, Graph, nn, ops, type Parameters, type Value } from '@kolben/engine';
import type { NoveltyGate } from '../../certificates/novelty.ts';
import { gated, peakOf } from '../novelty-graph.ts';
import { collectedTables, emitStudent, ownTable, type RowTable } from './emit-student.ts';
import type { Storage } from './packed-tables.ts';
import type { StudentShape } from './shape.ts';
import { spelling } from './spelling.ts';
import { noRow, type Vocabulary } from './vocabulary.ts';

const { add, cast, cumulativeSum, div, equal, gather, gatherElements, greater, log, matmul, mul, reduceSum } =
  ops;
const { scale, scatterElements, sqrt, squeeze, sub, unsqueeze } = ops;

export interface AnsweringOptions {
  /** That the logits are divided by, so that their softmax is the confidence. */
  readonly temperature: number;
  /** What tells texts that belong to no label (`novelty.ts`). Default: every text belongs to one. */
  readonly novelty?: NoveltyGate | undefined;
  /** How tables are kept. Default: `full`. */
  readonly storage?: Storage;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The ONNX model of a student: input `input_ids` (B, L), int64 bytes of the text, 0 where there is none (L may
 * be 0); output `logits` (B, classes).
 *
 * With a gate, the logits are the logarithms of λ · softmax + (1 - λ) / classes, λ being how much the text belongs: of
 * what belongs to no label every label is as likely as another, so the likeliest one stays and is unsure.
 */
export function answeringModel(
  shape: StudentShape,
  vocabulary: Vocabulary,
  parameters: Parameters,
  { temperature, novelty, storage = 'full', metadata }: AnsweringOptions,
): Uint8Array {
  const { graph, rowTables, byWords, sum } = branches(shape, vocabulary);
  const scaled = scale(sum, 1 / temperature);
  const logits = novelty ? gated(scaled, peakOf(byWords), novelty) : scaled;
  return emitStudent(graph, {
    ...{ outputs: [{ value: logits, name: 'logits' }], parameters, width: shape.width },
    ...{ tables, rowTables, storage, metadata },
  });
}

/**
 * The model of what tells whether a text belongs to a label: input as above, output `peak` (B, 1), by how much the
 * likeliest label's logit in the branch of words exceeds the mean of all.
 */
export function peakModel(shape: StudentShape, vocabulary: Vocabulary, parameters: Parameters): Uint8Array {
  const { graph, rowTables, byWords } = branches(shape, vocabulary);
  return emitStudent(graph, {
    ...{ outputs: [{ value: peakOf(byWords), name: 'peak' }], parameters, width: shape.width },
    ...{ tables, rowTables, storage: 'full', metadata: {} },
  });
}

function branches(shape: StudentShape, vocabulary: Vocabulary) {
  const graph = new Graph();
  const bytes = graph.input('input_ids', 'int64', ['batch', 'length']);
  const spelt = spelling(bytes);
  const { rowTable, made: rowTables } = collectedTables(graph);

  const [vectors, mask] = graph.block('words', () => wordVectors(bytes, spelt, shape, vocabulary, rowTable));
  const byWords = graph.block('order', () => nn.wordBranch(vectors, mask, shape, nn.noDropout));
  const byAttention = graph.block('attention', () => nn.attentionBranch(vectors, mask, shape, nn.noDropout));
  const byBag = graph.block('bag', () =>
    nn.bagBranch(bagVector(bytes, spelt, shape, vocabulary, rowTable), shape, nn.noDropout),
  );
  return { graph, rowTables, byWords, sum: add(add(byWords, byAttention), byBag) };
}

/** Where its vectors are. */
export const tables = { pieces: 'words.pieces', bag: 'bag.table' };

type Spelt = ReturnType<typeof spelling>;

/** Looks rows up by bucket: (B, L) → (B, L). */
const rowsOf = (rows: Value, features: Value) => cast(gather(rows, features), 'int64');

/** The vectors of the first words, (B, maxWords, width), and the mask of those that are there, (B, maxWords). */
export function wordVectors(
  bytes: Value,
  spelt: Spelt,
  shape: Pick<StudentShape, 'maxWords' | 'width' | 'pieces'>,
  vocabulary: Vocabulary,
  rowTable: RowTable = ownTable(bytes.graph),
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
  collect(atPlace, rowsOf(rowTable(vocabulary.wordRows), spelt.words));
  const gramRows = rowTable(vocabulary.gramRows);
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
  rowTable: RowTable = ownTable(bytes.graph),
): Value {
  const { graph } = bytes;
  const table = graph.parameter('table', [shape.bag, shape.width], { kind: 'zeros' });
  const idf = graph.constant({ data: vocabulary.idf, dims: [shape.bag] }, 'float32');
  const bagRows = rowTable(vocabulary.bagRows);
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
