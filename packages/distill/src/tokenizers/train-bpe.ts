/**
 * Trains a byte-level BPE tokenizer on texts: the pair of neighbours that occurs most becomes a token, again and
 * again (Sennrich et al., arXiv 1508.07909; on bytes: Radford et al., GPT-2, 2019).
 *
 * Pairs are counted once and then kept up to date in the words that hold them; a heap that is corrected when it is
 * asked gives the most frequent one. Texts are cut into words first, over whose ends no token reaches; every digit is a
 * word of its own, so that numbers are read and written digit by digit.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import { byteSymbols } from './byte-symbols.ts';

export class TrainTokenizerError extends KolbenError {}

export interface TrainBpeOptions {
  /** Tokens in all: special ones, 256 bytes, and as many merges as fit and occur. */
  readonly vocabulary: number;
  /** Tokens with a meaning of their own, which get the first numbers. Default: none. */
  readonly special?: readonly string[];
  /** A pair that occurs fewer times is not merged, 1 or more. Default 2. */
  readonly leastCount?: number;
  readonly signal?: AbortSignal;
}

/** A trained tokenizer, as numbers. */
export interface Bpe {
  readonly special: readonly string[];
  /** Tokens by number, in the characters of `byteSymbols`; special ones as they are written. */
  readonly tokens: readonly string[];
  /** Pairs of numbers of tokens, the first merged first. */
  readonly merges: readonly (readonly [number, number])[];
}

/**
 * How texts are cut into words, for tokenizer.json as well: letters with the sign or space before them, single digits,
 * other signs, white space. What it leaves out between two matches is a word too, but it leaves nothing out.
 *
 * It is the pattern of Qwen 3.5 (in llama.cpp `qwen35`), since programs for GGUF know patterns by name only.
 */
export const wordPattern = String.raw`(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/**
 * The same texts, in the same order or another, give the same tokenizer.
 *
 * @throws TrainTokenizerError (`tokenizer_vocabulary`) for a vocabulary that has no room for all bytes
 */
export function trainBpe(
  texts: Iterable<string>,
  { vocabulary, special = [], leastCount = 2, signal }: TrainBpeOptions,
): Bpe {
  const first = special.length;
  if (!(Number.isSafeInteger(vocabulary) && vocabulary >= first + 256 && vocabulary <= 2 ** 20))
    throw new TrainTokenizerError(
      'tokenizer_vocabulary',
      `A vocabulary of ${vocabulary} tokens cannot be: it takes from ${first + 256}, all bytes, to ${2 ** 20}.`,
    );
  const { words, counts } = countedWords(texts, first, signal);
  const tokens = [...special, ...byteSymbols];
  const numbers = new Map(tokens.map((token, id) => [token, id]));
  const merges: [number, number][] = [];
  const pairs = new Pairs(words, counts);
  while (tokens.length < vocabulary) {
    if (merges.length % 256 === 0) signal?.throwIfAborted();
    const best = pairs.takeMost();
    if (!best || best.count < leastCount) break;
    const [left, right] = [Math.floor(best.pair / base), best.pair % base];
    const token = tokens[left] + tokens[right];
    // Two ways may lead to the same token, which has one number.
    const merged = numbers.get(token) ?? tokens.length;
    if (merged < first) {
      pairs.forget(left, right);
      continue;
    }
    if (merged === tokens.length) {
      tokens.push(token);
      numbers.set(token, merged);
    }
    merges.push([left, right]);
    pairs.merge(left, right, merged);
  }
  return { special, tokens, merges };
}

/** Numbers of tokens lie below it, so a pair is one number. */
const base = 2 ** 20;

/** The different words of all texts as bytes' tokens, in code unit order, and how often each occurs. */
function countedWords(texts: Iterable<string>, first: number, signal: AbortSignal | undefined) {
  const pattern = new RegExp(wordPattern, 'gu');
  const seen = new Map<string, number>();
  let read = 0;
  for (const text of texts) {
    if (read++ % 1024 === 0) signal?.throwIfAborted();
    for (const word of text.match(pattern) ?? []) seen.set(word, (seen.get(word) ?? 0) + 1);
  }
  const encoder = new TextEncoder();
  const sorted = [...seen].filter(([word]) => word.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    words: sorted.map(([word]) => Int32Array.from(encoder.encode(word), (byte) => byte + first)),
    counts: sorted.map(([, count]) => count),
  };
}

interface Entry {
  readonly pair: number;
  readonly count: number;
}

/** Counts of all pairs of neighbours, and the words where each may be. */
class Pairs {
  readonly #words: Int32Array[];
  readonly #counts: readonly number[];
  readonly #occurrences = new Map<number, number>();
  /** A word may have lost the pair since it was noted here. */
  readonly #places = new Map<number, Set<number>>();
  readonly #heap: Entry[] = [];

  constructor(words: Int32Array[], counts: readonly number[]) {
    this.#words = words;
    this.#counts = counts;
    for (const [index, word] of words.entries()) this.#add(word, index, counts[index]);
    for (const [pair, count] of this.#occurrences) this.#push({ pair, count });
  }

  /** The most frequent pair, of equally frequent ones that of the smallest numbers. */
  takeMost(): Entry | undefined {
    for (let top = this.#pop(); top; top = this.#pop()) {
      const count = this.#occurrences.get(top.pair) ?? 0;
      if (count === top.count) return top;
      if (count > 0 && count < top.count) this.#push({ pair: top.pair, count });
    }
    return undefined;
  }

  /** Puts `merged` in the place of the pair in all words. */
  merge(left: number, right: number, merged: number): void {
    const pair = left * base + right;
    const touched = new Set<number>();
    for (const index of this.#places.get(pair) ?? []) {
      const word = this.#words[index];
      const shorter = withMerged(word, left, right, merged);
      if (shorter.length === word.length) continue;
      const count = this.#counts[index];
      for (let i = 1; i < word.length; i++) {
        const old = word[i - 1] * base + word[i];
        this.#occurrences.set(old, (this.#occurrences.get(old) ?? 0) - count);
      }
      this.#words[index] = shorter;
      this.#add(shorter, index, count);
      for (let i = 1; i < shorter.length; i++)
        if (shorter[i - 1] === merged || shorter[i] === merged)
          touched.add(shorter[i - 1] * base + shorter[i]);
    }
    this.forget(left, right);
    // Pairs that lost are corrected when they come up; only those that gained must be told.
    for (const gained of touched)
      this.#push({ pair: gained, count: this.#occurrences.get(gained) as number });
  }

  /** Never gives the pair out again. */
  forget(left: number, right: number): void {
    const pair = left * base + right;
    this.#occurrences.delete(pair);
    this.#places.delete(pair);
  }

  #add(word: Int32Array, index: number, count: number): void {
    for (let i = 1; i < word.length; i++) {
      const pair = word[i - 1] * base + word[i];
      this.#occurrences.set(pair, (this.#occurrences.get(pair) ?? 0) + count);
      const places = this.#places.get(pair);
      if (places) places.add(index);
      else this.#places.set(pair, new Set([index]));
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(heap[at], heap[parent])) break;
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return top;
    heap[0] = last;
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && before(heap[child], heap[first])) first = child;
      if (first === at) return top;
      [heap[at], heap[first]] = [heap[first], heap[at]];
      at = first;
    }
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.pair < b.pair);
}

function withMerged(word: Int32Array, left: number, right: number, merged: number): Int32Array {
  const result = new Int32Array(word.length);
  let length = 0;
  for (let i = 0; i < word.length; i++) {
    const found = word[i] === left && i + 1 < word.length && word[i + 1] === right;
    result[length++] = found ? merged : word[i];
    if (found) i++;
  }
  return result.subarray(0, length);
}
