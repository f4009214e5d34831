/**
 * The numbers of a tensor of a model in Hugging Face's layout.
 *
 * @module
 */

import type { TensorData } from '../graph/dtype.ts';
import { formatShape } from '../graph/shape.ts';
import { HuggingFaceError } from './hugging-face-error.ts';

/** @throws HuggingFaceError (`hugging_face_tensor`) for one that is missing, of another shape, or not of numbers */
export function numbersOf(
  name: string,
  dims: readonly number[],
  tensor: TensorData | undefined,
): Float32Array {
  const problem = !tensor
    ? 'is missing'
    : String(tensor.dims) !== String(dims)
      ? `is ${formatShape(tensor.dims)}`
      : !(tensor.data instanceof Float32Array)
        ? 'does not hold floating-point numbers of 32 or 16 bits'
        : undefined;
  if (problem !== undefined)
    throw new HuggingFaceError(
      'hugging_face_tensor',
      `The tensor ${name} ${problem}; the configuration asks for ${formatShape(dims)}: take weights and config.json of one model.`,
    );
  return tensor?.data as Float32Array;
}
