/**
 * An answering graph of words and n-grams with its trained numbers, as an ONNX file.
 *
 * @module
 */
import {
  emitProgram,
  type Graph,
  type Output,
  type Parameters,
  type TensorData,
  type Value,
} from '@kolben/engine';
import { packedTables, type Storage, type TableNames } from './packed-tables.ts';
import { buckets } from './spelling.ts';
import { noRow } from './vocabulary.ts';

/** By bucket, the row of a table, as a value of the graph. */
export type RowTable = (rows: Int32Array) => Value;

/** Kept as int32, half the size in the file. */
export const ownTable =
  (graph: Graph): RowTable =>
  (rows) =>
    graph.constant({ data: rows, dims: [buckets + 1] }, 'int32');

/** The same, and all that were made, for their smaller form in the file. */
export function collectedTables(graph: Graph): { readonly rowTable: RowTable; readonly made: Value[] } {
  const made: Value[] = [];
  const own = ownTable(graph);
  return {
    made,
    rowTable(rows) {
      const table = own(rows);
      made.push(table);
      return table;
    },
  };
}

export interface EmitOptions {
  readonly outputs: readonly Output[];
  readonly parameters: Parameters;
  /** Of a vector. */
  readonly width: number;
  readonly tables: TableNames;
  readonly rowTables: readonly Value[];
  readonly storage: Storage;
  readonly metadata: Readonly<Record<string, string>>;
}

export function emitStudent(graph: Graph, options: EmitOptions): Uint8Array {
  const { outputs, parameters, width, tables, rowTables, storage, metadata } = options;
  const fixed = new Map<Value, TensorData>();
  for (const value of graph.values) {
    if (value.source?.kind !== 'parameter') continue;
    const { name } = value.source;
    const data = parameters[name];
    fixed.set(value, {
      data: hasEmptyRow(name, tables) ? withoutFirstRow(data, width) : data,
      dims: value.shape as number[],
    });
  }
  const packed = packedTables(fixed, rowTables, storage, tables);
  for (const value of packed.keys()) fixed.delete(value);
  return emitProgram({ name: 'student', outputs, fixed, packed, metadata }).onnx;
}

/** Whether row 0 of a parameter stands for features without a vector. */
export const hasEmptyRow = (name: string, { pieces, bag }: TableNames) => name === pieces || name === bag;

/** A table whose row 0, features without a vector, is zero. */
export function withoutFirstRow(table: Float32Array, width: number): Float32Array {
  const copy = table.slice();
  copy.fill(0, noRow * width, (noRow + 1) * width);
  return copy;
}
