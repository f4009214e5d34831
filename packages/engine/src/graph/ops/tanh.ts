import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

export const tanhOp: Op = {
  name: 'tanh',
  infer: inferMap,
  gradient: ({ output }, dy) => [sub(dy, mul(dy, mul(output, output)))],
  lower: (_, inputs, emit) => emit.node('Tanh', inputs),
};

/** The hyperbolic tangent of each element. */
export function tanh(x: Value): Value {
  return apply(tanhOp, [x], undefined);
}
