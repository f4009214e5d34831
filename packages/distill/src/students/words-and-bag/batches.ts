/**
 * From spelled texts to the inputs of a step: their rows and weights, without what is dropped.
 *
 * Everything random depends on seed, epoch, step and microbatch alone, so that a run can be repeated.
 *
 * @module
 */
import { type Microbatch, uniform } from '@kolben/engine';
import type { SpelledText, SpelledTexts } from './spell-texts.ts';
import { buckets } from './spelling.ts';
import { bagFeatures, noRow, type Vocabulary } from './vocabulary.ts';

/** A text as rows and weights. */
interface PreparedText {
  /** Numbers of word types, the first `maxWords`. */
  readonly words: Int32Array;
  readonly bagRows: Int32Array;
  /** TF-IDF of unit length. */
  readonly bagWeights: Float32Array;
}

/** A word type as rows of the table of pieces; the whole word's row is first. */
interface PreparedWord {
  readonly rows: Int32Array;
}

export interface PreparedTexts {
  readonly texts: readonly PreparedText[];
  readonly words: readonly PreparedWord[];
}

/** Looks up the rows and weights of texts in a vocabulary, once for the whole run. */
export function prepareTexts(spelled: SpelledTexts, vocabulary: Vocabulary, maxWords: number): PreparedTexts {
  const words = spelled.types.map(({ bucket, grams }) => {
    const rows = [vocabulary.wordRows[bucket], ...Array.from(grams, (gram) => vocabulary.gramRows[gram])];
    return { rows: Int32Array.from(rows.filter((row) => row !== noRow)) };
  });
  return { words, texts: spelled.texts.map((text) => prepareText(text, spelled, vocabulary, maxWords)) };
}

function prepareText(
  text: SpelledText,
  { types }: SpelledTexts,
  { bagRows, idf }: Vocabulary,
  maxWords: number,
): PreparedText {
  const rows: number[] = [];
  const weights: number[] = [];
  let squares = 0;
  for (const [bucket, count] of bagFeatures(text, types)) {
    const row = bagRows[bucket];
    if (bucket === buckets || row === noRow) continue;
    const weight = idf[row] * (1 + Math.log(count));
    rows.push(row);
    weights.push(weight);
    squares += weight * weight;
  }
  const norm = Math.sqrt(squares) || 1;
  return {
    words: text.words.subarray(0, maxWords),
    bagRows: Int32Array.from(rows),
    bagWeights: Float32Array.from(weights, (weight) => weight / norm),
  };
}

/** Shares of what is left out while training, each in [0, 1). */
export interface FeatureDropouts {
  readonly bag: number;
  readonly grams: number;
  readonly wholeWords: number;
  readonly wordsOfText: number;
}

export const keepAll: FeatureDropouts = { bag: 0, grams: 0, wholeWords: 0, wordsOfText: 0 };

/**
 * Positions that each text of a microbatch takes, from the lengths of all of them in words: as many as the longest,
 * and one where no text has a word, since a program may not be given a tensor without elements.
 */
function positionsOfText(lengths: readonly number[]): number {
  return Math.max(1, ...lengths);
}

/** Positions that a microbatch of texts of such lengths in words takes in all. */
export function positionsOfTexts(lengths: readonly number[]): number {
  return lengths.length * positionsOfText(lengths);
}

/**
 * The inputs of the training graph for the texts `indices`, but for what they are to be answered with.
 *
 * @param weight of each example in the step's loss
 * @param draw 32 random bits
 */
export function microbatch(
  prepared: PreparedTexts,
  indices: readonly number[],
  weight: number,
  dropouts: FeatureDropouts,
  draw: () => number,
): Microbatch {
  const texts = indices.map((index) => prepared.texts[index]);
  const count = texts.length;

  // Words: number 0 is a word without pieces, which fills up short texts and stands for dropped words.
  const length = positionsOfText(texts.map((text) => text.words.length));
  const words = new BigInt64Array(count * length);
  const wordMask = new Float32Array(count * length);
  const numbers = new Map<number, number>();
  texts.forEach((text, b) => {
    wordMask[b * length] = 1;
    text.words.forEach((word, t) => {
      wordMask[b * length + t] = 1;
      if (uniform(draw) < dropouts.wordsOfText) return;
      let number = numbers.get(word);
      if (number === undefined) {
        number = numbers.size + 1;
        numbers.set(word, number);
      }
      words[b * length + t] = BigInt(number);
    });
  });
  const types = [...numbers.keys()];
  const pieces = new LocalRows();
  for (const type of types) for (const row of prepared.words[type].rows) pieces.add(row);
  // A program may not be given a tensor without elements.
  if (pieces.size === 0) pieces.add(noRow);
  const pieceWeights = new Float32Array((types.length + 1) * pieces.size);
  types.forEach((type, i) => {
    const { rows } = prepared.words[type];
    const scale = 1 / Math.sqrt(rows.length);
    rows.forEach((row, j) => {
      const rate = j === 0 ? dropouts.wholeWords : dropouts.grams;
      if (rate === 0 || uniform(draw) >= rate)
        pieceWeights[(i + 1) * pieces.size + pieces.at(row)] += scale / (1 - rate);
    });
  });

  const bag = new LocalRows();
  for (const text of texts) for (const row of text.bagRows) bag.add(row);
  if (bag.size === 0) bag.add(noRow);
  const bagWeights = new Float32Array(count * bag.size);
  const keptScale = 1 / (1 - dropouts.bag);
  texts.forEach((text, b) => {
    text.bagRows.forEach((row, j) => {
      if (dropouts.bag === 0 || uniform(draw) >= dropouts.bag)
        bagWeights[b * bag.size + bag.at(row)] = text.bagWeights[j] * keptScale;
    });
  });

  const unique = types.length + 1;
  return {
    pieceRows: { data: pieces.rows(), dims: [pieces.size] },
    pieceWeights: { data: pieceWeights, dims: [unique, pieces.size] },
    wordNumbers: { data: BigInt64Array.from({ length: unique }, (_, i) => BigInt(i)), dims: [unique] },
    words: { data: words, dims: [count, length] },
    wordMask: { data: wordMask, dims: [count, length] },
    bagRows: { data: bag.rows(), dims: [bag.size] },
    bagWeights: { data: bagWeights, dims: [count, bag.size] },
    exampleWeights: { data: new Float32Array(count).fill(weight), dims: [count] },
  };
}

/** Rows of a table in the order in which they are met, each once. */
class LocalRows {
  readonly #places = new Map<number, number>();

  get size(): number {
    return this.#places.size;
  }

  add(row: number): void {
    if (!this.#places.has(row)) this.#places.set(row, this.#places.size);
  }

  at(row: number): number {
    return this.#places.get(row) as number;
  }

  rows(): BigInt64Array {
    return BigInt64Array.from(this.#places.keys(), BigInt);
  }
}
