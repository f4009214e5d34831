import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis } from '../shape.ts';
import { expandLike } from './expand-like.ts';
import { unsqueeze } from './unsqueeze.ts';

export interface ReduceAttributes {
  /** Ascending, not negative. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export const reduceSumOp: Op<ReduceAttributes> = {
  name: 'reduceSum',
  infer: ([x], attributes) => ({ dtype: x.dtype, shape: reducedShape(x, attributes) }),
  gradient: ({ inputs: [x], attributes }, dy) => [expandLike(restoreAxes(dy, attributes), x)],
  lower: ({ attributes: { axes, keepDims } }, [x], emit) =>
    emit.node('ReduceSum', [x, emit.integers(axes)], { keepdims: Number(keepDims) }),
};

export function reducedShape(x: Value, { axes, keepDims }: ReduceAttributes) {
  return x.shape.flatMap((dim, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [dim]));
}

/** Gives a reduced tensor its axes back, with extent 1. */
export function restoreAxes(y: Value, { axes, keepDims }: ReduceAttributes): Value {
  return keepDims ? y : axes.reduce((value, axis) => unsqueeze(value, axis), y);
}

export function reduceAttributes(x: Value, axes: readonly number[], keepDims: boolean): ReduceAttributes {
  return { axes: axes.map((axis) => resolveAxis(x.shape, axis)).sort((a, b) => a - b), keepDims };
}

/** The sum over `axes` (negative ones count from the end); `keepDims` leaves them with extent 1. */
export function reduceSum(x: Value, axes: readonly number[], options: { keepDims?: boolean } = {}): Value {
  return apply(reduceSumOp, [x], () => reduceAttributes(x, axes, options.keepDims ?? false));
}
