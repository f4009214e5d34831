import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';

export const reshapeLikeOp: Op = {
  name: 'reshapeLike',
  infer: ([x, like]) => {
    if (dimProduct(x.shape) !== dimProduct(like.shape))
      throw new ShapeMismatch('the numbers of elements differ');
    return { dtype: x.dtype, shape: like.shape };
  },
  gradient: ({ inputs: [x] }, dy) => [reshapeLike(dy, x), undefined],
  lower: (_, [x, like], emit) => emit.node('Reshape', [x, emit.node('Shape', [like])]),
};

/** The elements of `x` in the shape of `like`, whose own elements don't matter. */
export function reshapeLike(x: Value, like: Value): Value {
  return apply(reshapeLikeOp, [x, like], undefined);
}
