/**
 * Tensors that a program keeps in fewer bits than it computes with. Of a table only the rows that are looked up are
 * widened; a tensor that is used as a whole is widened when the program is loaded.
 *
 * @module
 */
/** Floats as float16, whole numbers as uint16, or the rows of a table as multiples of one scale each. */
export type PackedTensor =
  | { readonly kind: 'float16'; readonly data: Uint16Array; readonly dims: readonly number[] }
  | { readonly kind: 'uint16'; readonly data: Uint16Array; readonly dims: readonly number[] }
  | {
      /** `int8`: one number in a byte. `int4`: two, column c in the lower half and c + columns/2 in the upper, plus 8. */
      readonly kind: 'int8' | 'int4';
      readonly data: Int8Array | Uint8Array;
      /** Of the table, (rows, columns). */
      readonly dims: readonly number[];
      /** One for each row. */
      readonly scales: Float32Array;
    };

/**
 * Each row of a table as whole numbers of `bits` bits times its largest number over the largest of these, 127 or 7,
 * rounded to nearest: no number moves by more than half a scale.
 *
 * @param dims (rows, columns), columns even for 4 bits
 */
export function quantiseRows(table: Float32Array, dims: readonly number[], bits: 8 | 4): PackedTensor {
  const [rows, columns] = dims;
  if (dims.length !== 2 || (bits === 4 && columns % 2 !== 0))
    throw new RangeError(`A table of (${dims.join(', ')}) cannot be kept in rows of ${bits} bits.`);
  const largest = bits === 8 ? 127 : 7;
  const scales = new Float32Array(rows);
  const codes = new Int8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const values = table.subarray(row * columns, (row + 1) * columns);
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // What is smaller than any float32 divided by `largest` is nothing beside other rows.
    scales[row] = size / largest;
    if (scales[row] === 0) continue;
    for (let c = 0; c < columns; c++)
      codes[row * columns + c] = Math.max(-largest, Math.min(largest, Math.round(values[c] / scales[row])));
  }
  if (bits === 8) return { kind: 'int8', data: codes, dims, scales };
  const half = columns / 2;
  const data = new Uint8Array(rows * half);
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < half; c++)
      data[row * half + c] = codes[row * columns + c] + 8 + 16 * (codes[row * columns + half + c] + 8);
  return { kind: 'int4', data, dims, scales };
}

/** The extents of what is kept of a packed tensor. */
export function packedDims({ kind, dims }: PackedTensor): readonly number[] {
  return kind === 'int4' ? [dims[0], dims[1] / 2] : dims;
}

/** What is kept, in one tensor or two: the lower bytes of whole numbers of 16 bits, and the upper ones. */
export function packedBytes({ kind, data }: PackedTensor): readonly Uint8Array[] {
  if (kind !== 'uint16') return [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
  const [lower, upper] = [new Uint8Array(data.length), new Uint8Array(data.length)];
  for (let i = 0; i < data.length; i++) {
    lower[i] = data[i] & 255;
    upper[i] = data[i] >> 8;
  }
  return [lower, upper];
}

/**
 * ONNX's numbers for the element types of what is kept (TensorProto.DataType). Not uint16, which ONNX Runtime's build
 * for browsers cannot widen.
 */
export const packedTypes = { float16: 10, uint16: 2, int8: 3, int4: 2 } as const;
