/**
 * How many tokens microbatches hold, and how many positions are computed for them.
 *
 * @module
 */

/** What microbatches hold. */
export interface TokenCounts {
  /** Tokens of their examples, those that dropout leaves out among them. */
  readonly tokens: number;
  /** Positions of the tensors of tokens: the tokens, and what fills up the shorter examples of a microbatch. */
  readonly positions: number;
}

/**
 * @param microbatches for each, the lengths of its examples in tokens
 * @param positions that a microbatch of examples of such lengths takes
 */
export function countTokens(
  microbatches: Iterable<readonly number[]>,
  positions: (lengths: readonly number[]) => number,
): TokenCounts {
  const counts = { tokens: 0, positions: 0 };
  for (const lengths of microbatches) {
    for (const length of lengths) counts.tokens += length;
    counts.positions += positions(lengths);
  }
  return counts;
}
