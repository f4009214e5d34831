import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis } from '../shape.ts';

interface Attributes {
  readonly axis: number;
  readonly offset: number;
}

export const shiftOp: Op<Attributes> = {
  name: 'shift',
  infer: ([x]) => ({ dtype: x.dtype, shape: x.shape }),
  gradient: ({ attributes: { axis, offset } }, dy) => [shift(dy, axis, -offset)],
  lower: ({ inputs: [x], attributes: { axis, offset } }, [name], emit) => {
    // Padding first keeps the slice inside the tensor when the axis is shorter than the offset.
    const amount = Math.abs(offset);
    const pads = [offset > 0 ? amount : 0, offset > 0 ? 0 : amount].flatMap((n) =>
      x.shape.map((_, i) => (i === axis ? n : 0)),
    );
    const padded = emit.node('Pad', [name, emit.integers(pads)]);
    const [start, end] = offset > 0 ? [0, -amount] : [amount, Number.MAX_SAFE_INTEGER];
    return emit.node('Slice', [padded, emit.integers([start]), emit.integers([end]), emit.integers([axis])]);
  },
};

/** y[t] = x[t - offset] along `axis`, zero where that lies outside. The extent may be symbolic. */
export function shift(x: Value, axis: number, offset: number): Value {
  return offset === 0 ? x : apply(shiftOp, [x], () => ({ axis: resolveAxis(x.shape, axis), offset }));
}
