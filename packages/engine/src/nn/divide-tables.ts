import type { Parameters } from '../run/run-state.ts';
import type { DecoderShape } from './decoder.ts';
import { partName, partsOf, wholeName } from './table-parts.ts';

/**
 * A decoder's parameters with its head's table divided by rows, as `decoderLoss` with so many `headParts` names them:
 * what such a run begins with. Parts are copies; a whole array travels wherever a view of it is sent.
 */
export function divideTables(shape: DecoderShape, parameters: Parameters, headParts: number): Parameters {
  const { [wholeName(shape.tied)]: table, ...others } = parameters;
  if (headParts === 1 || !table) return parameters;
  const parts = partsOf(shape.vocabulary, headParts).map(({ start, end }, part): [string, Float32Array] => [
    partName(shape.tied, part),
    table.slice(start * shape.width, end * shape.width),
  ]);
  return { ...others, ...Object.fromEntries(parts) };
}
