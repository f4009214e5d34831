import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';

interface Attributes {
  readonly factor: number;
}

export const scaleOp: Op<Attributes> = {
  name: 'scale',
  infer: inferMap,
  gradient: ({ attributes }, dy) => [scale(dy, attributes.factor)],
  lower: ({ attributes, output }, [x], emit) =>
    emit.node('Mul', [x, emit.scalar(attributes.factor, output.dtype)]),
};

/** `x * factor`, with a number that is part of the program. */
export function scale(x: Value, factor: number): Value {
  return apply(scaleOp, [x], { factor });
}
