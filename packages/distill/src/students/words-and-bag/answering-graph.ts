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

const {
  add,
  append,
  cast,
  cumulativeSum,
  div,
  equal,
  gather,
  gatherElements,
  greater,
  log,
  matmul,
  mul,
  reduceSum,
} = ops;
const { range, reduceMax, relu, scale, scatterElements, sqrt, squeeze, sub, unsqueeze } = ops;

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

  const [vectors, mask] = graph.block('words', () =>
    wordVectors(bytes, spelt, shape, vocabulary, { rowTable, places: placesOfLongest(spelt, shape) }),
  );
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

/** The numbers of the words that the longest text has, as far as they are read in order: (T), T up to `maxWords`. */
function placesOfLongest({ exists }: Spelt, { maxWords }: Pick<StudentShape, 'maxWords'>): Value {
  return range(reduceMax(reduceSum(exists, [1]), [0]), { atMost: maxWords, dim: 'words' });
}

/**
 * The vectors of the words at `places`, (B, T, width), and the mask of those that are there, (B, T).
 *
 * @param options `places`: numbers of words, (T) int64 from 0; default: all `maxWords`
 */
export function wordVectors(
  bytes: Value,
  spelt: Spelt,
  shape: Pick<StudentShape, 'maxWords' | 'width' | 'pieces'>,
  vocabulary: Vocabulary,
  {
    rowTable = ownTable(bytes.graph),
    places = constant(bytes, 'int64', [...Array(shape.maxWords).keys()]),
  }: { readonly rowTable?: RowTable; readonly places?: Value } = {},
): [Value, Value] {
  const { graph } = bytes;
  const { width } = shape;
  const table = graph.parameter('pieces', [shape.pieces, width], { kind: 'zeros' });
  const place = unsqueeze(places, 1);
  const nothing = constant(bytes, 'int64', [-1], []);
  const one = constant(bytes, 'int64', [1], []);

  // (B, T, L): which bytes belong to which word, and which place in (B, L) holds which word.
  const wordOf = add(mul(spelt.wordOf, spelt.inWord), mul(nothing, sub(one, spelt.inWord)));
  const ofWord = cast(equal(place, unsqueeze(wordOf, 1)), 'float32');
  const position = cumulativeSum(equal(bytes, bytes), 1, { exclusive: true });
  const atPlace = cast(equal(place, unsqueeze(position, 1)), 'float32');

  const none = constant(bytes, 'int64', [noRow], []);
  const piecesOf = (rows: Value) => gather(table, rows);
  const known = (rows: Value) => unsqueeze(cast(greater(rows, none), 'float32'), 2);
  const both = (of: (rows: Value) => Value) =>
    add(
      matmul(atPlace, of(words)),
      matmul(
        ofWord,
        grams.map(of).reduce((x, y) => add(x, y)),
      ),
    );
  const words = rowsOf(rowTable(vocabulary.wordRows), spelt.words);
  const gramRows = rowTable(vocabulary.gramRows);
  const grams = spelt.grams.map((buckets) => rowsOf(gramRows, buckets));
  const sum = both(piecesOf);
  const count = both(known);

  const exists = matmul(atPlace, unsqueeze(cast(spelt.exists, 'float32'), 2));
  // No pieces, no word: the sum is zero whatever it is divided by.
  const divisor = sqrt(add(count, sub(constant(exists, 'float32', [1], []), exists)));
  // A text without words still has its first place, an empty word, as in training.
  const first = cast(equal(places, constant(bytes, 'int64', [0], [])), 'float32');
  const present = cast(
    greater(add(squeeze(exists, 2), first), constant(exists, 'float32', [0], [])),
    'float32',
  );
  return [div(sum, divisor), present];
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
  // (B, 6L), in the order of their kinds.
  const spelled = [...spelt.grams, spelt.words, spelt.pairs].reduce((before, values) =>
    append(before, values, 1, 'features'),
  );
  const rows = rowsOf(bagRows, spelled);

  // (B, bag): how often each row occurs in each text.
  const perText = scale(reduceSum(cast(bytes, 'float32'), [1], { keepDims: true }), 0);
  const zeros = add(
    perText,
    graph.constant({ data: new Float32Array(shape.bag), dims: [1, shape.bag] }, 'float32'),
  );
  const ones = cast(equal(rows, rows), 'float32');
  const counts = scatterElements(zeros, rows, ones, { axis: 1, reduction: 'add' });

  // A feature that occurs c times stands at c bytes, so each of them carries a c-th of its weight 1 + ln c.
  const ofText = (values: Value) => reduceSum(values, [1], { keepDims: true });
  const count = gatherElements(counts, rows, 1);
  const weight = mul(gather(idf, rows), add(log(count), constant(bytes, 'float32', [1], [])));
  const share = div(weight, count);
  const isThere = cast(greater(constant(bytes, 'int64', [buckets], []), spelled), 'float32');
  const hasRow = cast(greater(rows, constant(bytes, 'int64', [noRow], [])), 'float32');
  const known = ofText(share);
  const unknown = scale(ofText(sub(isThere, hasRow)), rarest(vocabulary));
  const tiny = constant(bytes, 'float32', [1e-12], []);
  const vector = squeeze(matmul(unsqueeze(share, 1), gather(table, rows)), 1);
  return {
    vector: div(vector, sqrt(add(ofText(mul(share, weight)), tiny))),
    // Of a text without features nothing is known.
    known: div(known, add(add(known, unknown), tiny)),
  };
}

/** The weight of the rarest feature of the bag. */
const rarest = ({ idf }: Vocabulary) => idf.reduce((most, weight) => Math.max(most, weight), 1);
