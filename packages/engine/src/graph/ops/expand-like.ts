import { apply, type Op, type Value } from '../graph.ts';
import { broadcastShapes, ShapeMismatch, sameShape } from '../shape.ts';
import { sumTo } from './sum-to.ts';

export const expandLikeOp: Op = {
  name: 'expandLike',
  infer: ([x, like]) => {
    if (!sameShape(broadcastShapes(x.shape, like.shape), like.shape))
      throw new ShapeMismatch('the first cannot be stretched to the second');
    return { dtype: x.dtype, shape: like.shape };
  },
  gradient: ({ inputs: [x] }, dy) => [sumTo(dy, x), undefined],
  lower: (_, [x, like], emit) => emit.node('Expand', [x, emit.node('Shape', [like])]),
};

/** `x` stretched to the shape of `like`, whose elements don't matter. */
export function expandLike(x: Value, like: Value): Value {
  return sameShape(x.shape, like.shape) ? x : apply(expandLikeOp, [x, like], undefined);
}
