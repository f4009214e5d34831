/**
 * What a student's graphs are made of: fixed by the recipe and the training data, kept in its config.json.
 *
 * @module
 */
export interface StudentShape {
  /** Width of word vectors, convolutions and the bag. */
  readonly width: number;
  readonly windows: readonly number[];
  readonly classes: number;
  /** Of the attention layer. */
  readonly heads: number;
  /** Rows of the table of pieces and of the table of the bag. */
  readonly pieces: number;
  readonly bag: number;
  /** Words that the branch of words reads; the bag reads all. */
  readonly maxWords: number;
  /** Bytes of a text that are read. */
  readonly byteLimit: number;
}
