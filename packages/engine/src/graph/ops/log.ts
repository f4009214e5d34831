import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { div } from './div.ts';

export const logOp: Op = {
  name: 'log',
  infer: inferMap,
  gradient: ({ inputs: [x] }, dy) => [div(dy, x)],
  lower: (_, inputs, emit) => emit.node('Log', inputs),
};

/** The natural logarithm of each element; elements are positive. */
export function log(x: Value): Value {
  return apply(logOp, [x], undefined);
}
