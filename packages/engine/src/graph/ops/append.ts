import { apply, type Op, type Value } from '../graph.ts';
import { type Dim, resolveAxis, ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly axis: number;
  readonly extent: Dim;
}

export const appendOp: Op<Attributes> = {
  name: 'append',
  infer: ([a, b], { axis, extent }) => {
    if (a.dtype !== b.dtype) throw new ShapeMismatch('the element types differ');
    if (a.shape.length !== b.shape.length || a.shape.some((dim, i) => i !== axis && dim !== b.shape[i]))
      throw new ShapeMismatch(`they differ in more than axis ${axis}`);
    return { dtype: a.dtype, shape: a.shape.map((dim, i) => (i === axis ? extent : dim)) };
  },
  // How much of the gradient is whose is known only when the program runs; nothing that is trained needs it.
  gradient: null,
  lower: ({ attributes: { axis } }, inputs, emit) => emit.node('Concat', inputs, { axis }),
};

/** `b` after `a` along `axis`, where extents need not be known; `extent` names that of the result. No gradient. */
export function append(a: Value, b: Value, axis: number, extent: Dim): Value {
  return apply(appendOp, [a, b], () => ({ axis: resolveAxis(a.shape, axis), extent }));
}
