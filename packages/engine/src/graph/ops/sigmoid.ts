import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

export const sigmoidOp: Op = {
  name: 'sigmoid',
  infer: inferMap,
  gradient: ({ output }, dy) => [mul(dy, sub(output, mul(output, output)))],
  lower: (_, inputs, emit) => emit.node('Sigmoid', inputs),
};

/** 1 / (1 + e^-x) of each element. */
export function sigmoid(x: Value): Value {
  return apply(sigmoidOp, [x], undefined);
}
