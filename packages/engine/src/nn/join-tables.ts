import type { Parameters } from '../run/run-state.ts';
import type { DecoderShape } from './decoder.ts';
import { partName, wholeName } from './table-parts.ts';

/** A decoder's parameters with its head's table whole, however many parts it was trained in. */
export function joinTables(shape: DecoderShape, parameters: Parameters): Parameters {
  const others = { ...parameters };
  const parts: Float32Array[] = [];
  for (let part = 0; others[partName(shape.tied, part)]; part++) {
    parts.push(others[partName(shape.tied, part)]);
    delete others[partName(shape.tied, part)];
  }
  if (parts.length === 0) return parameters;
  const table = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    table.set(part, offset);
    offset += part.length;
  }
  return { ...others, [wholeName(shape.tied)]: table };
}
