/**
 * What an op may use to lower itself to ONNX: new nodes, constants, the type of what it lowers.
 *
 * @module
 */
import type { DType, TensorData } from './dtype.ts';

export type OnnxAttribute = number | readonly number[] | string | { readonly float: number };

export interface Emitter {
  /** Adds a node with one output and answers the output's name. Whole numbers become ints, `{float}` floats. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
    domain?: 'com.microsoft',
  ): string;
  /** Adds a constant and answers its name. */
  constant(tensor: TensorData, dtype: DType): string;
  /** Adds a constant that every call with the same `key` shares. */
  shared(key: string, dtype: DType, make: () => TensorData): string;
  /** Adds a single number of the given type. */
  scalar(number: number, dtype: DType): string;
  /** Adds a vector of int64: how ONNX takes axes, shapes and bounds. */
  integers(values: readonly number[]): string;
}

/** ONNX's own numbers for element types (TensorProto.DataType). */
export const onnxTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};
