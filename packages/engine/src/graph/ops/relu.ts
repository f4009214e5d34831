import { inferMap } from '../elementwise.ts';
import { apply, type Op, scalar, type Value } from '../graph.ts';
import { greater } from './greater.ts';
import { mul } from './mul.ts';

export const reluOp: Op = {
  name: 'relu',
  infer: inferMap,
  gradient: ({ output }, dy) => [mul(dy, greater(output, scalar(output, 0)))],
  lower: (_, inputs, emit) => emit.node('Relu', inputs),
};

/** max(x, 0) of each element; its gradient at 0 is 0. */
export function relu(x: Value): Value {
  return apply(reluOp, [x], undefined);
}
