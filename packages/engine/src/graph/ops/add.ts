import { inferElementwise } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { sumTo } from './sum-to.ts';

export const addOp: Op = {
  name: 'add',
  infer: inferElementwise,
  gradient: ({ inputs: [a, b] }, dy) => [sumTo(dy, a), sumTo(dy, b)],
  lower: (_, inputs, emit) => emit.node('Add', inputs),
};

/** `a + b`, broadcast. */
export function add(a: Value, b: Value): Value {
  return apply(addOp, [a, b], undefined);
}
