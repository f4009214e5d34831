import { positionsOfText } from './batches.ts';

/** What microbatches hold. */
export interface WordCounts {
  /** Words of their texts, those that dropout leaves out among them. */
  readonly words: number;
  /** Positions of the tensors of words: the words, and what fills up the shorter texts of a microbatch. */
  readonly positions: number;
}

/** @param microbatches for each, the lengths of its texts in words */
export function countWords(microbatches: Iterable<readonly number[]>): WordCounts {
  let words = 0;
  let positions = 0;
  for (const lengths of microbatches) {
    for (const length of lengths) words += length;
    positions += lengths.length * positionsOfText(lengths);
  }
  return { words, positions };
}
