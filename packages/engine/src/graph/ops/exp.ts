import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { mul } from './mul.ts';

export const expOp: Op = {
  name: 'exp',
  infer: inferMap,
  gradient: ({ output }, dy) => [mul(dy, output)],
  lower: (_, inputs, emit) => emit.node('Exp', inputs),
};

/** e to the power of each element. */
export function exp(x: Value): Value {
  return apply(expOp, [x], undefined);
}
