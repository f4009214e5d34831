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

export const layerNormOp: Op<Attributes> = {
  name: 'layerNorm',
  infer: ([x, gain, bias]) => {
    const last = x.shape.slice(-1);
    if (typeof last[0] !== 'number') throw new ShapeMismatch('the last dimension must be known');
    if (!sameShape(gain.shape, last) || !sameShape(bias.shape, last))
      throw new ShapeMismatch('gain and bias must have the last dimension of the first');
    return inferMap([x]);
  },
  gradient: ({ inputs: [x, gain, bias], attributes: { epsilon } }, dy) => {
    const width = x.shape.at(-1) as number;
    const mean = (value: Value) => scale(reduceSum(value, [-1], { keepDims: true }), 1 / width);
    const centred = sub(x, mean(x));
    const deviation = sqrt(add(mean(mul(centred, centred)), scalar(x, epsilon)));
    const normal = div(centred, deviation);
    const dNormal = mul(dy, gain);
    const dx = div(sub(sub(dNormal, mean(dNormal)), mul(normal, mean(mul(dNormal, normal)))), deviation);
    return [dx, sumTo(mul(dy, normal), gain), sumTo(dy, bias)];
  },
  lower: ({ attributes: { epsilon } }, inputs, emit) =>
    emit.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }),
};

/** (x - mean) / sqrt(variance + epsilon) · gain + bias, over the last axis (Ba et al., arXiv 1607.06450). */
export function layerNorm(x: Value, gain: Value, bias: Value, epsilon = 1e-5): Value {
  return apply(layerNormOp, [x, gain, bias], { epsilon });
}
