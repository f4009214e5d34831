import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis, ShapeMismatch } from '../shape.ts';
import { slice } from './slice.ts';

interface Attributes {
  readonly axis: number;
}

export const concatOp: Op<Attributes> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    let extent = 0;
    for (const input of inputs) {
      const dim = input.shape[axis];
      if (typeof dim !== 'number') throw new ShapeMismatch(`the extents along axis ${axis} must be known`);
      if (input.dtype !== first.dtype) throw new ShapeMismatch('the element types differ');
      if (
        input.shape.length !== first.shape.length ||
        input.shape.some((d, i) => i !== axis && d !== first.shape[i])
      )
        throw new ShapeMismatch(`they differ in more than axis ${axis}`);
      extent += dim;
    }
    return { dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? extent : dim)) };
  },
  gradient: ({ inputs, attributes: { axis } }, dy) => {
    let start = 0;
    return inputs.map((input) => {
      const end = start + (input.shape[axis] as number);
      const part = slice(dy, axis, start, end);
      start = end;
      return part;
    });
  },
  lower: ({ attributes }, inputs, emit) => emit.node('Concat', inputs, { axis: attributes.axis }),
};

/** The tensors one after another along `axis`, whose extents must be known. */
export function concat(values: readonly Value[], axis: number): Value {
  return apply(concatOp, values, () => ({ axis: resolveAxis(values[0].shape, axis) }));
}
