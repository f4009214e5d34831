import type { Value } from '../graph/graph.ts';
import { concat } from '../graph/ops/concat.ts';
import { shift } from '../graph/ops/shift.ts';
import { linear } from './linear.ts';

/**
 * A convolution along the time axis, zero beyond both ends: (B, T, inputs) → (B, T, outputs).
 *
 * Window `size` covers the element itself, ⌊size/2⌋ before it and the rest after. It is one matrix product over
 * shifted copies side by side, which a CPU does faster than ONNX's Conv with its gradients.
 */
export function convolution(x: Value, name: string, size: number, inputs: number, outputs: number): Value {
  const before = Math.floor(size / 2);
  const window = Array.from({ length: size }, (_, i) => shift(x, 1, before - i));
  return linear(size === 1 ? x : concat(window, 2), name, inputs * size, outputs, { hidden: true });
}
