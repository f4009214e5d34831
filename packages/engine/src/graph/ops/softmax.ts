import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { sub } from './sub.ts';

export const softmaxOp: Op = {
  name: 'softmax',
  infer: inferMap,
  gradient: ({ output }, dy) => {
    const weighted = mul(dy, output);
    return [sub(weighted, mul(output, reduceSum(weighted, [-1], { keepDims: true })))];
  },
  lower: (_, inputs, emit) => emit.node('Softmax', inputs, { axis: -1 }),
};

/** e^x over its sum, along the last axis. */
export function softmax(x: Value): Value {
  return apply(softmaxOp, [x], undefined);
}
