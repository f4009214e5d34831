import type { Value } from '../graph.ts';
import { sameShape } from '../shape.ts';
import { reduceSum } from './reduce-sum.ts';

/** What broadcasting does to a gradient: sums `gradient` over the axes along which `like` was stretched. */
export function sumTo(gradient: Value, like: Value): Value {
  if (sameShape(gradient.shape, like.shape)) return gradient;
  const extra = gradient.shape.length - like.shape.length;
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const summed = extra === 0 ? gradient : reduceSum(gradient, leading);
  const stretched = like.shape.flatMap((dim, axis) => (dim === 1 && summed.shape[axis] !== 1 ? [axis] : []));
  return stretched.length === 0 ? summed : reduceSum(summed, stretched, { keepDims: true });
}
