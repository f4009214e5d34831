/**
 * Rows of a matrix of which only few entries aren't zero (compressed sparse rows).
 *
 * @module
 */
export interface SparseRows {
  /** Row i's entries lie at starts[i] … starts[i + 1] − 1. */
  starts: Int32Array;
  columns: Int32Array;
  values: Float32Array;
  /** How many columns there are. */
  width: number;
}

export function rowCount(rows: SparseRows): number {
  return rows.starts.length - 1;
}

/** The product of one row and a dense vector of `width` or more entries. */
export function dotRow(rows: SparseRows, row: number, dense: Float64Array): number {
  const { starts, columns, values } = rows;
  const end = starts[row + 1]!;
  let sum = 0;
  for (let i = starts[row]!; i < end; i++) sum += values[i]! * dense[columns[i]!]!;
  return sum;
}
