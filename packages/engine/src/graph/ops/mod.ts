import { inferElementwise } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';

export const modOp: Op = {
  name: 'mod',
  infer: (inputs, _) => {
    if (inputs[0].dtype !== 'int64' && inputs[0].dtype !== 'int32')
      throw new ShapeMismatch('it takes integers');
    return inferElementwise(inputs);
  },
  gradient: null,
  lower: (_, inputs, emit) => emit.node('Mod', inputs),
};

/** The remainder of a / b, with the sign of b; integers, broadcast. */
export function mod(a: Value, b: Value): Value {
  return apply(modOp, [a, b], undefined);
}
