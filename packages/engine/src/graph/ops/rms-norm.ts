import { inferMap } from '../elementwise.ts';
import { apply, type Op, scalar, type Value } from '../graph.ts';
import { ShapeMismatch, sameShape } from '../shape.ts';
import { add } from './add.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { scale } from './scale.ts';
import { sqrt } from './sqrt.ts';
import { sub } from './sub.ts';
import { sumTo } from './sum-to.ts';

interface Attributes {
  readonly epsilon: number;
}

export const rmsNormOp: Op<Attributes> = {
  name: 'rmsNorm',
  infer: ([x, gain]) => {
    const last = x.shape.slice(-1);
    if (typeof last[0] !== 'number') throw new ShapeMismatch('the last dimension must be known');
    if (!sameShape(gain.shape, last))
      throw new ShapeMismatch('the gain must have the last dimension of the first');
    return inferMap([x]);
  },
  gradient: ({ inputs: [x, gain], attributes: { epsilon } }, dy) => {
    const width = x.shape.at(-1) as number;
    const mean = (value: Value) => scale(reduceSum(value, [-1], { keepDims: true }), 1 / width);
    // One number a row: dividing by it once is cheaper than dividing every element.
    const inverse = div(scalar(x, 1), sqrt(add(mean(mul(x, x)), scalar(x, epsilon))));
    const normal = mul(x, inverse);
    const dNormal = mul(dy, gain);
    const dx = mul(sub(dNormal, mul(normal, mean(mul(dNormal, normal)))), inverse);
    return [dx, sumTo(mul(dy, normal), gain)];
  },
  lower: ({ output, attributes: { epsilon } }, [x, gain], emit) => {
    if (output.dtype === 'float32')
      return emit.node('SimplifiedLayerNormalization', [x, gain], {
        axis: -1,
        epsilon: { float: epsilon },
        stash_type: 1,
      });
    const squares = emit.node('ReduceMean', [emit.node('Mul', [x, x]), emit.integers([-1])]);
    const deviation = emit.node('Sqrt', [emit.node('Add', [squares, emit.scalar(epsilon, output.dtype)])]);
    return emit.node('Mul', [emit.node('Div', [x, deviation]), gain]);
  },
};

/** x / √(mean of x² + epsilon) · gain, over the last axis (Zhang and Sennrich, arXiv 1910.07467). */
export function rmsNorm(x: Value, gain: Value, epsilon = 1e-5): Value {
  return apply(rmsNormOp, [x, gain], { epsilon });
}
