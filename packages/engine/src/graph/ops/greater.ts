import { inferElementwise } from '../elementwise.ts';
import { onnxTypes } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';

export const greaterOp: Op = {
  name: 'greater',
  infer: inferElementwise,
  // A step function: its gradient is zero wherever it has one.
  gradient: () => [undefined, undefined],
  lower: ({ output }, inputs, emit) =>
    emit.node('Cast', [emit.node('Greater', inputs)], { to: onnxTypes[output.dtype] }),
};

/** 1 where a > b, else 0, in the type of the operands, broadcast. */
export function greater(a: Value, b: Value): Value {
  return apply(greaterOp, [a, b], undefined);
}
