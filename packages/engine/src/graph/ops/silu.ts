import { inferElementwise } from '../elementwise.ts';
import { apply, type Op, scalar, type Value } from '../graph.ts';
import { add } from './add.ts';
import { mul } from './mul.ts';
import { sigmoid } from './sigmoid.ts';
import { sub } from './sub.ts';

export const siluOp: Op = {
  name: 'silu',
  infer: inferElementwise,
  gradient: ({ inputs: [x, gate], output }, dy) => [
    mul(dy, mul(gate, add(sub(x, output), scalar(x, 1)))),
    undefined,
  ],
  lower: (_, inputs, emit) => emit.node('Mul', inputs),
};

/**
 * x / (1 + e^-x) of each element, also called swish (Elfwing et al., arXiv 1702.03118). The logistic that it computes
 * on the way is what its gradient needs.
 */
export function silu(x: Value): Value {
  return apply(siluOp, [x, sigmoid(x)], undefined);
}
