import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { sub } from './sub.ts';

export const logSoftmaxOp: Op = {
  name: 'logSoftmax',
  infer: inferMap,
  gradient: ({ output }, dy) => [sub(dy, mul(exp(output), reduceSum(dy, [-1], { keepDims: true })))],
  lower: (_, inputs, emit) => emit.node('LogSoftmax', inputs, { axis: -1 }),
};

/** The logarithm of the softmax along the last axis. */
export function logSoftmax(x: Value): Value {
  return apply(logSoftmaxOp, [x], undefined);
}
