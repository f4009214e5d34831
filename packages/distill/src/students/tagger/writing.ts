/**
 * How a word is written: what lower-casing takes away. Names, codes and the beginnings of sentences are told apart by it.
 *
 * @module
 */

/** 0 stands for no word. */
export const writingOf = (word: string): number => {
  if (/^\d+$/u.test(word)) return 5;
  if (!/[\p{L}\d_]/u.test(word)) return 6;
  const [upper, lower] = [/\p{Lu}/u.test(word), /\p{Ll}/u.test(word)];
  if (!upper) return 1;
  if (!lower) return /\p{Lu}.*\p{Lu}/u.test(word) ? 3 : 2;
  return /^\p{Lu}\P{Lu}*$/u.test(word) ? 2 : 4;
};
