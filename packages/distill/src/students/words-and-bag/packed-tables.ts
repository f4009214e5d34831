/**
 * How the numbers of an answering model are kept in its file: the tables are most of it, and a text needs few of their
 * rows, which are widened when they have been looked up.
 *
 * @module
 */
import { type PackedTensor, quantiseRows, type TensorData, toHalves, type Value } from '@kolben/engine';

/**
 * `full`: tables of vectors in float16, everything else as it was trained. A string of digits: the bits of the table of
 * pieces and of the table of the bag, one scale a row, everything else in float16.
 */
export type Storage = 'full' | '88' | '84' | '44';

/** Those of the quantised copy, the most faithful first. */
export const quantisedStorages: readonly Storage[] = ['88', '84', '44'];

/** What a copy in fewer bits may weigh, in bytes. */
const quantisedLimit = 8e6;

/** The copy in as many bits as the limit allows, or in the fewest there are. */
export function quantisedCopy(write: (storage: Storage) => Uint8Array): Uint8Array {
  let smallest: Uint8Array | undefined;
  for (const storage of quantisedStorages) {
    smallest = write(storage);
    if (smallest.length <= quantisedLimit) break;
  }
  return smallest as Uint8Array;
}

/** The names of the parameters that are tables of vectors: of words and their pieces, and of the bag. */
export interface TableNames {
  readonly pieces: string;
  readonly bag: string;
}

/** @param fixed parameters by their place in the graph */
export function packedTables(
  fixed: ReadonlyMap<Value, TensorData>,
  rowTables: readonly Value[],
  storage: Storage,
  tables: TableNames,
): Map<Value, PackedTensor> {
  const packed = new Map<Value, PackedTensor>();
  for (const table of rowTables) {
    const rows = table.source?.kind === 'constant' ? (table.source.tensor.data as Int32Array) : undefined;
    if (rows?.every((row) => row <= 0xffff))
      packed.set(table, { kind: 'uint16', data: Uint16Array.from(rows), dims: table.shape as number[] });
  }
  for (const [value, { data, dims }] of fixed) {
    const name = value.source?.kind === 'parameter' ? value.source.name : '';
    const numbers = data as Float32Array;
    const bits = name === tables.pieces ? storage[0] : name === tables.bag ? storage[1] : undefined;
    if (storage === 'full') {
      if (bits !== undefined) packed.set(value, half(numbers, dims));
    } else if (bits !== undefined) packed.set(value, quantiseRows(numbers, dims, bits === '8' ? 8 : 4));
    else if (dims.length === 2) packed.set(value, half(numbers, dims));
  }
  return packed;
}

function half(numbers: Float32Array, dims: readonly number[]): PackedTensor {
  return { kind: 'float16', data: toHalves(numbers, 'F16'), dims };
}
