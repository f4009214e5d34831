/**
 * Texts as weighted n-grams: words 1–2 and characters 2–5 within words, each block TF-IDF of length 1.
 *
 * The weighting is that of scikit-learn's TfidfVectorizer with `sublinear_tf=True` (analyzer `char_wb` for the
 * characters), so that figures can be compared with the many published ones: 1 + ln tf, times
 * ln((1 + n) / (1 + df)) + 1, each block divided by its Euclidean norm.
 *
 * @module
 */
import { doubled, GramTable } from './gram-table.ts';
import { type AddGram, characterGrams, type GramSource, wordGrams } from './grams.ts';
import type { SparseRows } from './sparse-rows.ts';

export interface TfidfOptions {
  /** An n-gram counts when it occurs in so many training texts or more. */
  minDocuments: number;
  /** Of longer texts only so many characters are read. */
  maxCharacters: number;
}

export interface Tfidf {
  /** Number of columns. */
  width: number;
  transform(texts: readonly string[]): SparseRows;
}

/** Learns the n-grams and their weights from the training texts, and weighs these. */
export function fitTfidf(
  texts: readonly string[],
  options: TfidfOptions,
): { tfidf: Tfidf; rows: SparseRows } {
  const words = fitBlock(texts, wordGrams, options);
  const characters = fitBlock(texts, characterGrams, options);
  return {
    rows: sideBySide(words.rows, characters.rows),
    tfidf: {
      width: words.rows.width + characters.rows.width,
      transform: (others) => sideBySide(words.transform(others), characters.transform(others)),
    },
  };
}

function fitBlock(texts: readonly string[], source: GramSource, options: TfidfOptions) {
  const { minDocuments, maxCharacters } = options;
  const table = new GramTable();
  const counts = count(texts, maxCharacters, (add) => source(table, true, add));

  const documents = new Int32Array(table.size);
  for (const gram of counts.grams) documents[gram]!++;
  // Rare n-grams have no column.
  const columnOf = new Int32Array(table.size).fill(-1);
  const weights: number[] = [];
  for (let gram = 0; gram < documents.length; gram++) {
    if (documents[gram]! < minDocuments) continue;
    columnOf[gram] = weights.length;
    weights.push(Math.log((1 + texts.length) / (1 + documents[gram]!)) + 1);
  }
  const idf = Float64Array.from(weights);
  return {
    rows: weigh(counts, columnOf, idf),
    transform: (others: readonly string[]) =>
      weigh(
        count(others, maxCharacters, (add) => source(table, false, add)),
        columnOf,
        idf,
      ),
  };
}

/** How often each n-gram occurs in each text; the n-grams of text i lie at starts[i] … starts[i + 1] − 1. */
interface Counts {
  starts: Int32Array;
  grams: Int32Array;
  times: Int32Array;
}

function count(
  texts: readonly string[],
  maxCharacters: number,
  reader: (add: AddGram) => (text: string) => void,
): Counts {
  const starts = new Int32Array(texts.length + 1);
  let grams = new Int32Array(1 << 16);
  let times = new Int32Array(1 << 16);
  let length = 0;
  // Indexed by n-gram; zero again after every text, so that only the n-grams seen are visited.
  let seen = new Int32Array(1 << 16);
  const read = reader((gram, occurrences) => {
    while (gram >= seen.length) seen = doubled(seen);
    const before = seen[gram]!;
    seen[gram] = before + occurrences;
    if (before > 0) return;
    if (length === grams.length) {
      grams = doubled(grams);
      times = doubled(times);
    }
    grams[length++] = gram;
  });
  texts.forEach((text, row) => {
    read(text.slice(0, maxCharacters).toLowerCase());
    for (let i = starts[row]!; i < length; i++) {
      const gram = grams[i]!;
      times[i] = seen[gram]!;
      seen[gram] = 0;
    }
    starts[row + 1] = length;
  });
  return { starts, grams: grams.subarray(0, length), times: times.subarray(0, length) };
}

/** TF-IDF rows of length 1 (of length 0 where a text has no known n-gram). */
function weigh({ starts, grams, times }: Counts, columnOf: Int32Array, idf: Float64Array): SparseRows {
  const rows = starts.length - 1;
  const keptStarts = new Int32Array(rows + 1);
  const columns = new Int32Array(grams.length);
  const values = new Float32Array(grams.length);
  let length = 0;
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    const first = length;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const column = columnOf[grams[i]!]!;
      if (column < 0) continue;
      const value = (1 + Math.log(times[i]!)) * idf[column]!;
      columns[length] = column;
      values[length++] = value;
      squares += value * value;
    }
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = first; i < length; i++) values[i]! *= scale;
    keptStarts[row + 1] = length;
  }
  return {
    starts: keptStarts,
    columns: columns.slice(0, length),
    values: values.slice(0, length),
    width: idf.length,
  };
}

/** The rows of the second block appended to those of the first. */
function sideBySide(left: SparseRows, right: SparseRows): SparseRows {
  const rows = left.starts.length - 1;
  const size = left.columns.length + right.columns.length;
  const starts = new Int32Array(rows + 1);
  const columns = new Int32Array(size);
  const values = new Float32Array(size);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const [block, shift] of [
      [left, 0],
      [right, left.width],
    ] as const) {
      for (let i = block.starts[row]!; i < block.starts[row + 1]!; i++) {
        columns[at] = block.columns[i]! + shift;
        values[at++] = block.values[i]!;
      }
    }
    starts[row + 1] = at;
  }
  return { starts, columns, values, width: left.width + right.width };
}
