import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { add } from './add.ts';
import { mul } from './mul.ts';
import { scale } from './scale.ts';
import { sigmoid } from './sigmoid.ts';
import { sub } from './sub.ts';

const steepness = 1.702;

export const geluOp: Op = {
  name: 'gelu',
  infer: inferMap,
  gradient: ({ inputs: [x], output }, dy) => {
    // With s = sigmoid(1.702 x): d(x s)/dx = s + 1.702 x s (1 - s).
    const s = sigmoid(scale(x, steepness));
    return [mul(dy, add(s, scale(sub(output, mul(output, s)), steepness)))];
  },
  lower: ({ output }, [x], emit) => {
    const scaled = emit.node('Mul', [x, emit.scalar(steepness, output.dtype)]);
    return emit.node('Mul', [x, emit.node('Sigmoid', [scaled])]);
  },
};

/** The Gaussian error linear unit in its sigmoid form, x · sigmoid(1.702 x) (Hendrycks and Gimpel, arXiv 1606.08415, section 2). */
export function gelu(x: Value): Value {
  return apply(geluOp, [x], undefined);
}
