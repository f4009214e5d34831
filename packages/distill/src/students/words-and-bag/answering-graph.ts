/**
 * The student as it answers: bytes in, logits out, nothing beside the model.
 *
 * It reads the same parameters as the training graph; what the host works out there (rows, weights, which word
 * stands where) is worked out here by the graph itself.
 *
 * @module
 */
import { constant, Graph, nn, ops, type Parameters, type Value } from '@kolben/engine';
import { collectedTables, emitStudent, ownTable, type RowTable } from './emit-student.ts';
import type { Storage } from './packed-tables.ts';
import type { StudentShape } from './shape.ts';
import { buckets, spelling } from './spelling.ts';
import { noRow, type Vocabulary } from './vocabulary.ts';

const { add, cast, cumulativeSum, div, equal, gather, gatherElements, greater, log, matmul, mul, reduceSum } =
  ops;
const { relu, scale, scatterElements, sqrt, squeeze, sub, unsqueeze } = ops;

export interface AnsweringOptions {
  /** That the logits are divided by, so that their softmax is the confidence. */
  readonly temperature: number;
  /** See `WordsAndBag`. Default: null. */
  readonly usuallyKnown?: number | null;
  /** How tables are kept. Default: `full`. */
  readonly storage?: Storage;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The ONNX model of a student: input `input_ids` (B, L), int64 bytes of the text, 0 where there is none (L may
 * be 0); output `logits` (B, classes).
 *
 * The less of a text is known, the nearer to each other are its logits: the likeliest label stays, and is unsure.
 */
export function answeringModel(
  shape: StudentShape,
  vocabulary: Vocabulary,
  parameters: Parameters,
  { temperature, usuallyKnown = null, storage = 'full', metadata }: AnsweringOptions,
): Uint8Array {
  const { graph, rowTables, known, sum } = branches(shape, vocabulary);
  const scaled = scale(sum, 1 / temperature);
  const logits = usuallyKnown === null ? scaled : mul(scaled, certainty(known, usuallyKnown));
  return emitStudent(graph, {
    ...{ outputs: [{ value: logits, name: 'logits' }], parameters, width: shape.width },
    ...{ tables, rowTables, storage, metadata },
  });
}

/** What always stays, so that rounding doesn't choose among labels. */
const leastCertainty = 0.01;

/** How sure a text may make the student, (B, 1) in (0, 1]: 1 where it knows as much as usually. */
function certainty(known: Value, usuallyKnown: number): Value {
  const one = constant(known, 'float32', [1], []);
  const missing = relu(sub(one, scale(known, 1 / usuallyKnown)));
  return sub(one, scale(missing, 1 - leastCertainty));
}

/** The model of how much of a text is known: input as above, output `known` (B, 1), see `readBag`. */
export function knownModel(shape: StudentShape, vocabulary: Vocabulary, parameters: Parameters): Uint8Array {
  const { graph, rowTables, known } = branches(shape, vocabulary);
  return emitStudent(graph, {
    ...{ outputs: [{ value: known, name: 'known' }], parameters, width: shape.width },
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
  const [byBag, known] = graph.block('bag', () => {
    const { vector, known } = readBag(bytes, spelt, shape, vocabulary, rowTable);
    return [nn.bagBranch(vector, shape, nn.noDropout), known];
  });
  return { graph, rowTables, known, sum: add(add(byWords, byAttention), byBag) };
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

/**
 * What the bag says of a text: `vector` (B, width), the weighted sum of its vectors, TF-IDF of unit length; `known` (B, 1),
 * the share of its TF-IDF in [0, 1] that lies on features with a vector, one without counting as the rarest there is.
 */
export function readBag(
  bytes: Value,
  spelt: Spelt,
  shape: Pick<StudentShape, 'bag' | 'width'>,
  vocabulary: Vocabulary,
  rowTable: RowTable = ownTable(bytes.graph),
): { readonly vector: Value; readonly known: Value } {
  const { graph } = bytes;
  const table = graph.parameter('table', [shape.bag, shape.width], { kind: 'zeros' });
  const idf = graph.constant({ data: vocabulary.idf, dims: [shape.bag] }, 'float32');
  const bagRows = rowTable(vocabulary.bagRows);
  const spelled = [...spelt.grams, spelt.words, spelt.pairs];
  const features = spelled.map((values) => rowsOf(bagRows, values));

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
  const nothing = constant(bytes, 'int64', [buckets], []);
  const none = constant(bytes, 'int64', [noRow], []);
  const one = constant(bytes, 'float32', [1], []);
  const ofText = (values: Value) => reduceSum(values, [1], { keepDims: true });
  const parts = features.map((rows, i) => {
    const count = gatherElements(counts, rows, 1);
    const weight = mul(gather(idf, rows), add(log(count), one));
    const share = div(weight, count);
    const isThere = cast(greater(nothing, spelled[i]), 'float32');
    const hasRow = cast(greater(rows, none), 'float32');
    return {
      vector: squeeze(matmul(unsqueeze(share, 1), gather(table, rows)), 1),
      square: ofText(mul(share, weight)),
      known: ofText(share),
      unknown: scale(ofText(sub(isThere, hasRow)), rarest(vocabulary)),
    };
  });
  const total = (part: keyof (typeof parts)[number]) =>
    parts.map((one) => one[part]).reduce((a, b) => add(a, b));
  const tiny = constant(bytes, 'float32', [1e-12], []);
  const known = total('known');
  return {
    vector: div(total('vector'), sqrt(add(total('square'), tiny))),
    // Of a text without features nothing is known.
    known: div(known, add(add(known, total('unknown')), tiny)),
  };
}

/** The weight of the rarest feature of the bag. */
const rarest = ({ idf }: Vocabulary) => idf.reduce((most, weight) => Math.max(most, weight), 1);
