/**
 * The element types of tensors, and the typed arrays that hold them on the host.
 *
 * @module
 */
/** The types of a tensor's elements. `bool` is a byte of 0 or 1. */
export type DType = 'float32' | 'float64' | 'int32' | 'int64' | 'bool';

/**
 * The array that holds the elements of each `DType`, in their order: float32, float64, int32, int64, bool.
 */
export type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** Data with its extents: `data.length` is the product of `dims`. */
export interface TensorData {
  readonly data: TypedArray;
  readonly dims: readonly number[];
}

/** Whether this has the form of tensor data; whether there are as many elements as the extents say is another matter. */
export function isTensorData(value: unknown): value is TensorData {
  if (typeof value !== 'object' || value === null || !('data' in value) || !('dims' in value)) return false;
  const { data, dims } = value;
  return (
    arrays.some((array) => data instanceof array) &&
    Array.isArray(dims) &&
    dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)
  );
}

const arrays = [Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array];

export const bytesPerElement: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  int64: 8,
  bool: 1,
};

/** Whether values of this type can carry a gradient. */
export function isFloating(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

/** A view of `length` elements on `buffer`, from `byteOffset`, which must be a multiple of the element's size. */
export function viewOf(dtype: DType, buffer: ArrayBuffer, byteOffset: number, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, length);
    case 'float64':
      return new Float64Array(buffer, byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, byteOffset, length);
    case 'int64':
      return new BigInt64Array(buffer, byteOffset, length);
    case 'bool':
      return new Uint8Array(buffer, byteOffset, length);
  }
}

/** The element type that a typed array holds. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof BigInt64Array) return 'int64';
  return 'bool';
}

/** A typed array of `numbers` as `dtype`. */
export function arrayOf(dtype: DType, numbers: readonly number[]): TypedArray {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'float64':
      return Float64Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(numbers, (number) => BigInt(number));
    case 'bool':
      return Uint8Array.from(numbers);
  }
}
