import { inferElementwise } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { mul } from './mul.ts';
import { scale } from './scale.ts';
import { sumTo } from './sum-to.ts';

export const divOp: Op = {
  name: 'div',
  infer: inferElementwise,
  gradient: ({ inputs: [a, b], output }, dy) => {
    const da = div(dy, b);
    return [sumTo(da, a), sumTo(scale(mul(da, output), -1), b)];
  },
  lower: (_, inputs, emit) => emit.node('Div', inputs),
};

/** `a / b` element by element, broadcast. */
export function div(a: Value, b: Value): Value {
  return apply(divOp, [a, b], undefined);
}
