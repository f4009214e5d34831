/**
 * Puts short sequences side by side into rows of one length, so that little of a batch is padding.
 *
 * @module
 */
import { BatchError } from './batch-error.ts';

/** A sequence in a row. */
export interface PackedMember {
  /** Which sequence, as an index into the lengths. */
  readonly index: number;
  /** Where in the row it begins. */
  readonly offset: number;
}

/**
 * Rows that hold every sequence once, none cut. The longest go first, each into the fullest row that has room for it
 * (best fit decreasing): never more than 11/9 of the fewest rows possible, and one (Johnson, 1973).
 *
 * For an order that is random from epoch to epoch, pack one shuffled stretch of the sequences after the other.
 *
 * @param lengths of the sequences, each from 1 to `rowLength`
 * @throws BatchError when a sequence is longer than a row, or empty.
 */
export function packRows(lengths: readonly number[], rowLength: number): PackedMember[][] {
  for (const [index, length] of lengths.entries()) {
    if (!(Number.isInteger(length) && length >= 1 && length <= rowLength))
      throw new BatchError(
        'batch_length',
        `Sequence ${index} has ${length} elements and rows have ${rowLength}; cut it, leave it out, or use longer rows.`,
      );
  }
  const longestFirst = [...lengths.keys()].sort((a, b) => lengths[b] - lengths[a] || a - b);
  const rows: PackedMember[][] = [];
  /** Rows by the room that they have left. */
  const byRoom: number[][] = Array.from({ length: rowLength + 1 }, () => []);
  for (const index of longestFirst) {
    const length = lengths[index];
    let room = length;
    while (room <= rowLength && byRoom[room].length === 0) room++;
    const row = room <= rowLength ? (byRoom[room].shift() as number) : rows.push([]) - 1;
    const left = Math.min(room, rowLength);
    rows[row].push({ index, offset: rowLength - left });
    byRoom[left - length].push(row);
  }
  return rows;
}
