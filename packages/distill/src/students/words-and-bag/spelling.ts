/**
 * From bytes to hashed n-grams and words, as integer operations of the tensor graph.
 *
 * It is the student's tokenizer, and it lies inside the model: there is no second implementation to disagree
 * with. The same sub-graph prepares the training data (`features.ts`) and begins the exported model.
 *
 * What it finds in a text, as numbers of buckets (`buckets` stands for "nothing here"):
 * - at each byte, the n-grams of 2, 3, 4 and 5 bytes that begin one byte before it, if it is a letter and all
 *   inner bytes are: so they lie in one word. A byte at either end that is no letter counts as the word's
 *   boundary, whatever it is (as in fastText, Bojanowski et al., arXiv 1607.04606);
 * - in the order of words, each word (letters, digits and bytes above 127; or one punctuation byte) and each pair
 *   of neighbouring words.
 *
 * Hashes are of the universal family ((Σ aᵢxᵢ) mod p) mod m (Carter and Wegman, 1979), with fixed coefficients.
 *
 * @module
 */
import { constant, ops, randomStream, type Value } from '@kolben/engine';

const { add, cumulativeSum, equal, gather, gatherElements, mod, mul, scatterElements, shift, sub } = ops;

/** Buckets of a hash; features that fall into one are one feature. */
export const buckets = 2 ** 18;

/** Lengths of n-grams in bytes. */
export const gramSizes = [2, 3, 4, 5] as const;

const prime = 2 ** 31 - 1;
/** Coefficients for the letters of a word; longer words use them again. */
const wordPeriod = 64;

/** All of int64. N-grams stand at their second byte, words and pairs at the number of the word: (B, L) each. */
export interface Spelling {
  /** By size. */
  readonly grams: readonly Value[];
  /** The number of the word that each byte belongs to, within its text; meaningless where `inWord` is 0. */
  readonly wordOf: Value;
  readonly inWord: Value;
  readonly words: Value;
  readonly pairs: Value;
  /** 1 where there is a word of that number, else 0. */
  readonly exists: Value;
}

/** Fixed numbers in [1, limit): part of the format, like a tokenizer's vocabulary. */
function coefficients(name: string, count: number, limit: number): number[] {
  const draw = randomStream(0, `kolben spelling ${name}`);
  return Array.from({ length: count }, () => 1 + (draw() % (limit - 1)));
}

function byteTable(test: (byte: number) => number): number[] {
  return Array.from({ length: 256 }, (_, byte) => test(byte));
}

const isLetter = (byte: number) =>
  byte >= 128 ||
  byte === 95 ||
  (byte >= 48 && byte <= 57) ||
  (byte >= 65 && byte <= 90) ||
  (byte >= 97 && byte <= 122);
const isPunctuation = (byte: number) => byte > 32 && byte < 127 && !isLetter(byte);

/** @param bytes (B, L) int64 in [0, 256); 0 fills up what is shorter. */
export function spelling(bytes: Value): Spelling {
  const table = (test: (byte: number) => boolean | number) =>
    gather(
      constant(
        bytes,
        'int64',
        byteTable((byte) => Number(test(byte))),
      ),
      bytes,
    );
  const number = (value: number) => constant(bytes, 'int64', [value], []);
  const one = number(1);
  const nothing = number(buckets);
  const bucket = (hash: Value) => mod(hash, nothing);
  /** `value` where `condition` is 1, "nothing" where it is 0. */
  const where = (condition: Value, value: Value) =>
    add(mul(condition, value), mul(sub(one, condition), nothing));

  const letter = table(isLetter);
  const punctuation = table(isPunctuation);
  // 0, which also lies beyond both ends, is the boundary of a word.
  const code = table((byte) => (isLetter(byte) ? byte + 1 : 0));

  const grams = gramSizes.map((size) => {
    const factors = coefficients(`gram ${size}`, size, prime);
    let hash: Value | undefined;
    let inside = letter;
    for (let i = 0; i < size; i++) {
      const term = mul(shift(code, 1, 1 - i), number(factors[i]));
      hash = hash ? add(hash, term) : term;
      if (i >= 2 && i < size - 1) inside = mul(inside, shift(letter, 1, 1 - i));
    }
    return where(inside, bucket(mod(hash as Value, number(prime))));
  });

  const starts = add(mul(letter, sub(one, shift(letter, 1, 1))), punctuation);
  const inWord = add(letter, punctuation);
  const wordOf = mul(sub(cumulativeSum(starts, 1), one), inWord);
  const zeros = sub(bytes, bytes);
  const position = cumulativeSum(equal(bytes, bytes), 1, { exclusive: true });
  /** Adds up, for each word, what stands at its bytes. */
  const byWord = (values: Value) => scatterElements(zeros, wordOf, values, { axis: 1, reduction: 'add' });

  const exists = byWord(starts);
  const startOf = gatherElements(byWord(mul(starts, position)), wordOf, 1);
  const place = mod(sub(position, startOf), number(wordPeriod));
  const weight = gather(constant(bytes, 'int64', coefficients('word', wordPeriod, prime)), place);
  const wordHash = mod(byWord(mul(mul(add(bytes, one), weight), inWord)), number(prime));
  // Below 2^30, so that the sum of two products with a hash stays below 2^63.
  const [before, after] = coefficients('pair', 2, 2 ** 30);
  const pairHash = mod(
    add(mul(shift(wordHash, 1, 1), number(before)), mul(wordHash, number(after))),
    number(prime),
  );

  return {
    grams,
    wordOf,
    inWord,
    words: where(exists, bucket(wordHash)),
    pairs: where(exists, bucket(pairHash)),
    exists,
  };
}
