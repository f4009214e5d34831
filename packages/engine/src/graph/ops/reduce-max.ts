import { apply, type Op, type Value } from '../graph.ts';
import { div } from './div.ts';
import { equal } from './equal.ts';
import { mul } from './mul.ts';
import {
  type ReduceAttributes,
  reduceAttributes,
  reducedShape,
  reduceSum,
  restoreAxes,
} from './reduce-sum.ts';

export const reduceMaxOp: Op<ReduceAttributes> = {
  name: 'reduceMax',
  infer: ([x], attributes) => ({ dtype: x.dtype, shape: reducedShape(x, attributes) }),
  gradient: ({ inputs: [x], output, attributes }, dy) => {
    // Equal maxima share the gradient, so that its sum stays that of dy.
    const isMax = equal(x, restoreAxes(output, attributes));
    const count = reduceSum(isMax, attributes.axes, { keepDims: true });
    return [mul(isMax, div(restoreAxes(dy, attributes), count))];
  },
  lower: ({ attributes: { axes, keepDims } }, [x], emit) =>
    emit.node('ReduceMax', [x, emit.integers(axes)], { keepdims: Number(keepDims) }),
};

/** The maximum over `axes` (negative ones count from the end); `keepDims` leaves them with extent 1. */
export function reduceMax(x: Value, axes: readonly number[], options: { keepDims?: boolean } = {}): Value {
  return apply(reduceMaxOp, [x], () => reduceAttributes(x, axes, options.keepDims ?? false));
}
