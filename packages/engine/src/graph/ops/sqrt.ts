import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { div } from './div.ts';
import { scale } from './scale.ts';

export const sqrtOp: Op = {
  name: 'sqrt',
  infer: inferMap,
  gradient: ({ output }, dy) => [scale(div(dy, output), 0.5)],
  lower: (_, inputs, emit) => emit.node('Sqrt', inputs),
};

/** The square root of each element; elements are positive. */
export function sqrt(x: Value): Value {
  return apply(sqrtOp, [x], undefined);
}
