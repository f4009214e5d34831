import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis, ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly axis: number;
  readonly exclusive: boolean;
}

export const cumulativeSumOp: Op<Attributes> = {
  name: 'cumulativeSum',
  infer: ([x]) => {
    if (x.dtype !== 'int64') throw new ShapeMismatch('it takes int64');
    return { dtype: x.dtype, shape: x.shape };
  },
  gradient: null,
  lower: ({ attributes: { axis, exclusive } }, [x], emit) =>
    emit.node('CumSum', [x, emit.scalar(axis, 'int64')], { exclusive: Number(exclusive) }),
};

/** The sum of the elements up to each along `axis`, that one included unless `exclusive`; of int64. */
export function cumulativeSum(x: Value, axis: number, options: { exclusive?: boolean } = {}): Value {
  return apply(cumulativeSumOp, [x], () => ({
    axis: resolveAxis(x.shape, axis),
    exclusive: options.exclusive ?? false,
  }));
}
