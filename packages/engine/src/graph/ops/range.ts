import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly atMost: number;
  readonly dim: string;
}

export const rangeOp: Op<Attributes> = {
  name: 'range',
  infer: ([count], { dim }) => {
    if (count.dtype !== 'int64' || count.shape.length > 0)
      throw new ShapeMismatch('it takes a single number, int64');
    return { dtype: 'int64', shape: [dim] };
  },
  gradient: null,
  lower: ({ attributes: { atMost } }, [count], emit) => {
    const number = (value: number) => emit.scalar(value, 'int64');
    const bounded = emit.node('Max', [emit.node('Min', [count, number(atMost)]), number(1)]);
    return emit.node('Range', [number(0), bounded, number(1)]);
  },
};

/**
 * The numbers 0, 1, … below `count`, int64, one at the least and `atMost` at the most: how many there are shows only when
 * the program runs, and is the extent `dim`, a symbol.
 *
 * @param count a single number, int64, shape ()
 */
export function range(
  count: Value,
  { atMost, dim }: { readonly atMost: number; readonly dim: string },
): Value {
  return apply(rangeOp, [count], { atMost, dim });
}
