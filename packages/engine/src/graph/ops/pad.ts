import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis, ShapeMismatch } from '../shape.ts';
import { slice } from './slice.ts';

interface Attributes {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

export const padOp: Op<Attributes> = {
  name: 'pad',
  infer: ([x], { axis, before, after }) => {
    const extent = x.shape[axis];
    if (typeof extent !== 'number') throw new ShapeMismatch(`the extent along axis ${axis} must be known`);
    if (before < 0 || after < 0) throw new ShapeMismatch('it cannot be padded by less than nothing');
    return { dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? before + extent + after : dim)) };
  },
  gradient: ({ inputs: [x], attributes: { axis, before } }, dy) => [
    slice(dy, axis, before, before + (x.shape[axis] as number)),
  ],
  lower: ({ inputs: [x], attributes: { axis, before, after } }, [name], emit) => {
    const pads = [before, after].flatMap((amount) => x.shape.map((_, i) => (i === axis ? amount : 0)));
    return emit.node('Pad', [name, emit.integers(pads)]);
  },
};

/** Zeros before and after along `axis`, whose extent must be known. */
export function pad(x: Value, axis: number, before: number, after: number): Value {
  return apply(padOp, [x], () => ({ axis: resolveAxis(x.shape, axis), before, after }));
}
