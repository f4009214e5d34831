/**
 * The sizes that a tagger's graphs are made of: fixed by the recipe, the plan of the answers and the training data,
 * kept in its config.json.
 *
 * @module
 */
export interface TaggerShape {
  /** Width of word vectors, convolutions, attention and the bag. */
  readonly width: number;
  /** Gated convolutions of window 3, one upon the other. */
  readonly convolutions: number;
  /** Heads of the attention between words; 0: none. */
  readonly heads: number;
  /** Tags of each layer of spans: outside, and for each label one that begins and one that goes on. */
  readonly tags: readonly number[];
  /** Classes of each choice. */
  readonly choices: readonly number[];
  /** Rows of the table of pieces and of the table of the bag. */
  readonly pieces: number;
  readonly bag: number;
  /** Words that are read in order. */
  readonly maxWords: number;
  /** Bytes of a text that are read. */
  readonly byteLimit: number;
}
