/**
 * Which features a student has vectors for: learned from the training texts alone.
 *
 * @module
 */
import type { SpelledTexts } from './spell-texts.ts';
import { buckets } from './spelling.ts';

/** Row 0 of every table stands for features without a vector and is zero. */
export const noRow = 0;
/** Row 1 of the pieces stands for words without a vector of their own. */
export const unknownWord = 1;

export interface Vocabulary {
  /** Bucket → row, of length `buckets` + 1: the last entry is that of "nothing". */
  readonly wordRows: Int32Array;
  readonly gramRows: Int32Array;
  readonly bagRows: Int32Array;
  /** Rows of the table of pieces (whole words and n-grams of words) and of the table of the bag. */
  readonly pieces: number;
  readonly bag: number;
  /** By row of the bag: the inverse document frequency, 0 for row 0. */
  readonly idf: Float32Array;
}

export interface VocabularyLimits {
  /** The largest numbers of rows; the rarest features go first. */
  readonly pieces: number;
  readonly bag: number;
}

/**
 * Words seen twice, n-grams of two word types, and bag features of two texts get a row, as far as the limits
 * allow, the more frequent before the rarer.
 */
export function buildVocabulary({ types, texts }: SpelledTexts, limits: VocabularyLimits): Vocabulary {
  const words = new Uint32Array(buckets);
  const used = new Uint8Array(types.length);
  for (const text of texts) {
    for (const word of text.words) {
      words[types[word].bucket]++;
      used[word] = 1;
    }
  }
  const grams = new Uint32Array(buckets);
  types.forEach((type, i) => {
    if (used[i]) for (const gram of new Set(type.grams)) grams[gram]++;
  });
  const documents = new Uint32Array(buckets);
  for (const text of texts) for (const feature of bagFeatures(text, types).keys()) documents[feature]++;

  const wordRows = assignRows(words, 2, limits.pieces / 2, unknownWord + 1, unknownWord);
  const gramRows = assignRows(grams, 2, limits.pieces / 2, wordRows.end, noRow);
  const bag = assignRows(documents, 2, limits.bag, 1, noRow);
  // Where nothing stands, there is no word either, not an unknown one.
  wordRows.rows[buckets] = noRow;
  const idf = new Float32Array(bag.end);
  bag.rows.forEach((row, bucket) => {
    if (row !== noRow) idf[row] = Math.log((1 + texts.length) / (1 + documents[bucket])) + 1;
  });
  return {
    wordRows: wordRows.rows,
    gramRows: gramRows.rows,
    bagRows: bag.rows,
    pieces: gramRows.end,
    bag: bag.end,
    idf,
  };
}

function assignRows(counts: Uint32Array, least: number, limit: number, first: number, otherwise: number) {
  const kept: number[] = [];
  counts.forEach((count, bucket) => {
    if (count >= least) kept.push(bucket);
  });
  kept.sort((a, b) => counts[b] - counts[a] || a - b);
  const rows = new Int32Array(counts.length + 1).fill(otherwise);
  let end = first;
  for (const bucket of kept.slice(0, limit)) rows[bucket] = end++;
  return { rows, end };
}

/** How often each bucket occurs in a text: its words, its pairs of words, the n-grams of its words. */
export function bagFeatures(
  text: SpelledTexts['texts'][number],
  types: SpelledTexts['types'],
): Map<number, number> {
  const counts = new Map<number, number>();
  const count = (bucket: number) => counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  for (const word of text.words) {
    count(types[word].bucket);
    for (const gram of types[word].grams) count(gram);
  }
  for (const pair of text.pairs) count(pair);
  return counts;
}
