/**
 * The n-grams of a text: what scikit-learn's analyzers `word` (1–2) and `char_wb` (2–5) would give.
 *
 * @module
 */
import type { GramTable } from './gram-table.ts';

/** Told the number of an n-gram and how often it occurs, perhaps several times for one n-gram of a text. */
export type AddGram = (gram: number, times: number) => void;

/**
 * Makes a reader of lower-cased texts that tells `add` of every n-gram in the table; with `learn`, those that
 * aren't are put there first.
 */
export type GramSource = (table: GramTable, learn: boolean, add: AddGram) => (text: string) => void;

const WORD = /[\p{L}\p{M}\p{N}_]{2,}/gu;
const SPACE = 32;

// Two multiplicative hashes with different constants make one of 64 bits.
const FIRST_START = 0x811c9dc5 | 0;
const FIRST_FACTOR = 0x01000193;
const SECOND_START = 0x5bd1e995;
const SECOND_FACTOR = 0x9e3779b1 | 0;

/** Words of two or more letters or digits, and pairs of neighbouring ones. */
export const wordGrams: GramSource = (table, learn, add) => (text) => {
  let previous: string | undefined;
  const addGram = (gram: string) => {
    let first = FIRST_START;
    let second = SECOND_START;
    for (let i = 0; i < gram.length; i++) {
      const unit = gram.charCodeAt(i);
      first = Math.imul(first ^ unit, FIRST_FACTOR);
      second = Math.imul(second ^ unit, SECOND_FACTOR) ^ (second >>> 13);
    }
    const number = table.numberOf(first, second, learn);
    if (number >= 0) add(number, 1);
  };
  for (const [word] of text.matchAll(WORD)) {
    addGram(word);
    if (previous !== undefined) addGram(`${previous} ${word}`);
    previous = word;
  }
};

const SHORTEST = 2;
const LONGEST = 5;
/** Longer runs without white space are addresses or encoded files, and seldom come again. */
const REMEMBERED_WORD = 24;

/** Character n-grams within words (runs without white space), each word with a space on either side. */
export const characterGrams: GramSource = (table, learn, add) => {
  const remembered = new Map<string, Int32Array>();
  const gramsOf = (word: string) => {
    const length = word.length + 2;
    const grams = new Int32Array((LONGEST - SHORTEST + 1) * length);
    let found = 0;
    for (let start = 0; start + SHORTEST <= length; start++) {
      let first = FIRST_START;
      let second = SECOND_START;
      const end = Math.min(length, start + LONGEST);
      for (let i = start; i < end; i++) {
        const unit = i === 0 || i === length - 1 ? SPACE : word.charCodeAt(i - 1);
        first = Math.imul(first ^ unit, FIRST_FACTOR);
        second = Math.imul(second ^ unit, SECOND_FACTOR) ^ (second >>> 13);
        if (i - start + 1 < SHORTEST) continue;
        const number = table.numberOf(first, second, learn);
        if (number >= 0) grams[found++] = number;
      }
    }
    return grams.slice(0, found);
  };
  return (text) => {
    const words = new Map<string, number>();
    for (const word of text.split(/\s+/u)) {
      if (word !== '') words.set(word, (words.get(word) ?? 0) + 1);
    }
    for (const [word, times] of words) {
      let grams = remembered.get(word);
      if (grams === undefined) {
        grams = gramsOf(word);
        if (word.length <= REMEMBERED_WORD) remembered.set(word, grams);
      }
      for (let i = 0; i < grams.length; i++) add(grams[i]!, times);
    }
  };
};
