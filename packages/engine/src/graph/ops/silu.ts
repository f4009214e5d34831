import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { add } from './add.ts';
import { mul } from './mul.ts';
import { sigmoid } from './sigmoid.ts';
import { sub } from './sub.ts';

export const siluOp: Op = {
  name: 'silu',
  infer: inferMap,
  gradient: ({ inputs: [x], output }, dy) => {
    const gate = sigmoid(x);
    return [mul(dy, add(gate, sub(output, mul(output, gate))))];
  },
  lower: ({ output }, [x], emit) =>
    output.dtype === 'float32'
      ? emit.node('QuickGelu', [x], { alpha: { float: 1 } }, 'com.microsoft')
      : emit.node('Mul', [x, emit.node('Sigmoid', [x])]),
};

/** x / (1 + e^-x) of each element, also called swish (Elfwing et al., arXiv 1702.03118). */
export function silu(x: Value): Value {
  return apply(siluOp, [x], undefined);
}
