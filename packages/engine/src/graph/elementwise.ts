import { isFloating } from './dtype.ts';
import type { Value } from './graph.ts';
import { broadcastShapes, ShapeMismatch } from './shape.ts';

/** The shape rule of every op that takes two tensors element by element: same type, broadcast shapes. */
export function inferElementwise([a, b]: readonly Value[]) {
  if (a.dtype !== b.dtype) throw new ShapeMismatch('the element types differ');
  return { dtype: a.dtype, shape: broadcastShapes(a.shape, b.shape) };
}

/** The shape rule of every op that maps each element of one floating tensor. */
export function inferMap([x]: readonly Value[]) {
  if (!isFloating(x.dtype)) throw new ShapeMismatch('it takes floating-point numbers');
  return { dtype: x.dtype, shape: x.shape };
}
