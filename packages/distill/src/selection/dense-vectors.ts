/**
 * Texts as short dense vectors, in which nearness can be computed quickly: TF-IDF of n-grams, folded.
 *
 * Every n-gram adds to one of the dimensions with a sign, both by hash (a count sketch; Weinberger et al., Feature
 * hashing for large scale multitask learning, 2009): products are kept in the mean, with an error of 1/√dimensions.
 *
 * @module
 */
import { rowCount, type SparseRows } from '../baselines/sparse-rows.ts';

export const DIMENSIONS = 256;

/** One row of `DIMENSIONS` for each sparse row, of length 1, or 0 where there is nothing in it. */
export function denseVectors(rows: SparseRows): Float32Array {
  const { starts, columns, values, width } = rows;
  const places = Int32Array.from({ length: width }, (_, column) => mixed(column));
  const vectors = new Float32Array(rowCount(rows) * DIMENSIONS);
  for (let row = 0; row < rowCount(rows); row++) {
    const vector = vectors.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS);
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const place = places[columns[i]!]!;
      vector[place & (DIMENSIONS - 1)]! += place < 0 ? -values[i]! : values[i]!;
    }
    let squares = 0;
    for (const value of vector) squares += value * value;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = 0; i < DIMENSIONS; i++) vector[i]! *= scale;
  }
  return vectors;
}

/** A good hash of 32 bits (the finaliser of MurmurHash3). */
function mixed(number: number): number {
  let h = Math.imul(number + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
