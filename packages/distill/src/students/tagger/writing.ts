/**
 * How a word is written, in a few numbers: what lower-casing takes away, and how many digits there are. Names, codes and
 * amounts that were never seen are told apart by it.
 *
 * @module
 */
import { constant, ops, type Value } from '@kolben/engine';
import type { Letters } from './letters.ts';

const { add, cast, concat, equal, greater, matmul, mul, scale, sub, unsqueeze } = ops;

/** A capital first; capitals further on; small letters; digits beside other letters; one, two, … digits alone. */
const longestNumber = 5;
export const writingFeatures = 4 + longestNumber + 1;

/** What a word's bytes hold, summed up. */
export interface LetterCounts {
  readonly capitals: number;
  readonly capitalFirst: boolean;
  readonly small: number;
  readonly digits: number;
  readonly bytes: number;
}

export function writingOf({ capitals, capitalFirst, small, digits, bytes }: LetterCounts): number[] {
  const first = Number(capitalFirst);
  const alone = digits > 0 && digits === bytes;
  return [
    first,
    Number(capitals > first),
    Number(small > 0),
    Number(digits > 0 && !alone),
    ...Array.from({ length: longestNumber }, (_, i) => Number(alone && digits === i + 1)),
    Number(alone && digits > longestNumber),
  ];
}

/** The numbers that say how a word's letters are written, as they are where all are small. */
export function withoutCapitals(writing: readonly number[]): number[] {
  const [first, further, small, ...others] = writing;
  return [0, 0, Math.max(first, further, small), ...others];
}

/**
 * The same in the graph: (B, words, writingFeatures).
 *
 * @param ofWord (B, words, L), 1 where a byte belongs to a word
 * @param starts (B, L) int64, 1 at the first byte of each word
 */
export function writingInGraph({ capital, small, digit }: Letters, ofWord: Value, starts: Value): Value {
  const inWord = (flags: Value) => matmul(ofWord, unsqueeze(cast(flags, 'float32'), 2));
  const zero = constant(capital, 'float32', [0], []);
  const is = (condition: Value) => cast(condition, 'float32');
  const [capitals, smalls, digits] = [capital, small, digit].map(inWord);
  const first = inWord(mul(capital, starts));
  const bytes = inWord(equal(capital, capital));
  const some = is(greater(digits, zero));
  const alone = mul(some, sub(constant(capital, 'float32', [1], []), is(greater(bytes, digits))));
  const exactly = (count: number) => mul(alone, is(equal(digits, constant(capital, 'float32', [count], []))));
  const numbers = Array.from({ length: longestNumber }, (_, i) => exactly(i + 1));
  const longer = numbers.reduce((rest, one) => sub(rest, one), alone);
  return concat(
    [
      first,
      is(greater(capitals, first)),
      is(greater(smalls, zero)),
      add(some, scale(alone, -1)),
      ...numbers,
      longer,
    ],
    2,
  );
}
