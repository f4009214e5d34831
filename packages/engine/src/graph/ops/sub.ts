import { inferElementwise } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { scale } from './scale.ts';
import { sumTo } from './sum-to.ts';

export const subOp: Op = {
  name: 'sub',
  infer: inferElementwise,
  gradient: ({ inputs: [a, b] }, dy) => [sumTo(dy, a), sumTo(scale(dy, -1), b)],
  lower: (_, inputs, emit) => emit.node('Sub', inputs),
};

/** `a - b`, broadcast. */
export function sub(a: Value, b: Value): Value {
  return apply(subOp, [a, b], undefined);
}
