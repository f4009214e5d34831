import { isFloating } from '../dtype.ts';
import { inferElementwise } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { sumTo } from './sum-to.ts';

export const mulOp: Op = {
  name: 'mul',
  infer: inferElementwise,
  gradient: ({ inputs: [a, b] }, dy) => [
    isFloating(a.dtype) ? sumTo(mul(dy, b), a) : undefined,
    isFloating(b.dtype) ? sumTo(mul(dy, a), b) : undefined,
  ],
  lower: (_, inputs, emit) => emit.node('Mul', inputs),
};

/** `a * b` element by element, broadcast. */
export function mul(a: Value, b: Value): Value {
  return apply(mulOp, [a, b], undefined);
}
