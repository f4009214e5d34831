import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis, ShapeMismatch } from '../shape.ts';
import { pad } from './pad.ts';

interface Attributes {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

export const sliceOp: Op<Attributes> = {
  name: 'slice',
  infer: ([x], { axis, start, end }) => {
    const extent = x.shape[axis];
    if (typeof extent !== 'number') throw new ShapeMismatch(`the extent along axis ${axis} must be known`);
    if (start < 0 || end > extent || start >= end)
      throw new ShapeMismatch(`${start} to ${end} does not lie within axis ${axis}`);
    return { dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? end - start : dim)) };
  },
  gradient: ({ inputs: [x], attributes: { axis, start, end } }, dy) => [
    pad(dy, axis, start, (x.shape[axis] as number) - end),
  ],
  lower: ({ attributes: { axis, start, end } }, [x], emit) =>
    emit.node('Slice', [x, emit.integers([start]), emit.integers([end]), emit.integers([axis])]),
};

/** The elements from `start` to before `end` along `axis`, whose extent must be known. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  return apply(sliceOp, [x], () => ({ axis: resolveAxis(x.shape, axis), start, end }));
}
