import { inferElementwise } from '../elementwise.ts';
import { onnxTypes } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';

export const equalOp: Op = {
  name: 'equal',
  infer: inferElementwise,
  // A step function: its gradient is zero wherever it has one.
  gradient: () => [undefined, undefined],
  lower: ({ output }, inputs, emit) =>
    emit.node('Cast', [emit.node('Equal', inputs)], { to: onnxTypes[output.dtype] }),
};

/** 1 where the elements are equal, else 0, in the type of the operands, broadcast. */
export function equal(a: Value, b: Value): Value {
  return apply(equalOp, [a, b], undefined);
}
