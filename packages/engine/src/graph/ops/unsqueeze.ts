import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';
import { squeeze } from './squeeze.ts';

interface Attributes {
  readonly axis: number;
}

export const unsqueezeOp: Op<Attributes> = {
  name: 'unsqueeze',
  infer: ([x], { axis }) => {
    if (axis < 0 || axis > x.shape.length) throw new ShapeMismatch(`there is no place ${axis} for an axis`);
    return { dtype: x.dtype, shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)] };
  },
  gradient: ({ attributes }, dy) => [squeeze(dy, attributes.axis)],
  lower: ({ attributes }, [x], emit) => emit.node('Unsqueeze', [x, emit.integers([attributes.axis])]),
};

/** Adds an axis of extent 1 at `axis`. */
export function unsqueeze(x: Value, axis: number): Value {
  return apply(unsqueezeOp, [x], { axis });
}
