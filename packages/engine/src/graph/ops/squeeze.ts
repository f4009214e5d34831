import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';
import { unsqueeze } from './unsqueeze.ts';

interface Attributes {
  readonly axis: number;
}

export const squeezeOp: Op<Attributes> = {
  name: 'squeeze',
  infer: ([x], { axis }) => {
    if (x.shape[axis] !== 1) throw new ShapeMismatch(`axis ${axis} does not have extent 1`);
    return { dtype: x.dtype, shape: x.shape.filter((_, i) => i !== axis) };
  },
  gradient: ({ attributes }, dy) => [unsqueeze(dy, attributes.axis)],
  lower: ({ attributes }, [x], emit) => emit.node('Squeeze', [x, emit.integers([attributes.axis])]),
};

/** Removes the axis `axis`, which must have extent 1. */
export function squeeze(x: Value, axis: number): Value {
  return apply(squeezeOp, [x], { axis });
}
