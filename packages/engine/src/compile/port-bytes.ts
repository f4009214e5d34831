import { bytesPerElement } from '../graph/dtype.ts';
import { evaluateDim } from '../graph/shape.ts';
import type { Port } from './program.ts';

/**
 * The bytes of a tensor of these extents.
 *
 * @throws RangeError for a dimension without an extent.
 */
export function portBytes({ shape, dtype }: Port, extents: Readonly<Record<string, number>>): number {
  return shape.reduce<number>((product, dim) => product * evaluateDim(dim, extents), bytesPerElement[dtype]);
}
