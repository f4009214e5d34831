import type { Parameters } from '../run/run-state.ts';
import type { DecoderShape } from './decoder.ts';
import { partName, partsOf, wholeName } from './table-parts.ts';

/**
 * A decoder's parameters with its head's table divided by rows, as `decoderLoss` with so many `headParts` names them:
 * what such a run begins with. The values are views of those given.
 */
export function divideTables(shape: DecoderShape, parameters: Parameters, headParts: number): Parameters {
  const { [wholeName(shape)]: table, ...others } = parameters;
  if (headParts === 1 || !table) return parameters;
  const parts = partsOf(shape, headParts).map(({ start, end }, part): [string, Float32Array] => [
    partName(shape, part),
    table.subarray(start * shape.width, end * shape.width),
  ]);
  return { ...others, ...Object.fromEntries(parts) };
}
