import { type DType, isFloating } from '../dtype.ts';
import { onnxTypes } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';

interface Attributes {
  readonly to: DType;
}

export const castOp: Op<Attributes> = {
  name: 'cast',
  infer: ([x], { to }) => ({ dtype: to, shape: x.shape }),
  gradient: ({ inputs: [x], attributes: { to } }, dy) => [
    isFloating(x.dtype) && isFloating(to) ? cast(dy, x.dtype) : undefined,
  ],
  lower: ({ attributes }, inputs, emit) => emit.node('Cast', inputs, { to: onnxTypes[attributes.to] }),
};

/** The elements in another type; floats become integers by truncation. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : apply(castOp, [x], { to });
}
