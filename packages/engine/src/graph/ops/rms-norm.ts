import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch, sameShape } from '../shape.ts';
import { flattenRows } from './flatten-rows.ts';
import { inverseRms } from './inverse-rms.ts';
import { matmul } from './matmul.ts';
import { mul } from './mul.ts';
import { reshapeLike } from './reshape-like.ts';
import { scale } from './scale.ts';
import { sub } from './sub.ts';
import { sumTo } from './sum-to.ts';
import { unsqueeze } from './unsqueeze.ts';

export const rmsNormOp: Op = {
  name: 'rmsNorm',
  infer: ([x, gain, normal, inverse]) => {
    if (!sameShape(gain.shape, x.shape.slice(-1)))
      throw new ShapeMismatch('the gain must have the last dimension of the first');
    if (!sameShape(normal.shape, x.shape) || !sameShape(inverse.shape, [...x.shape.slice(0, -1), 1]))
      throw new ShapeMismatch('the normal rows are not those of the first');
    return inferMap([x]);
  },
  // From what the forward pass has made anyway, x itself is not needed.
  gradient: ({ inputs: [x, gain, normal, inverse] }, dy) => {
    const width = x.shape.at(-1) as number;
    const product = mul(dy, normal);
    // The mean of dy · gain · normal in a row, as a product with a vector instead of two passes more.
    const dots = scale(matmul(flattenRows(product), unsqueeze(gain, 1)), 1 / width);
    const means = dots.shape.length === inverse.shape.length ? dots : reshapeLike(dots, inverse);
    const dx = mul(sub(mul(dy, gain), mul(normal, means)), inverse);
    return [dx, sumTo(product, gain), undefined, undefined];
  },
  lower: (_, [, gain, normal], emit) => emit.node('Mul', [normal, gain]),
};

/** x / √(mean of x² + epsilon) · gain, over the last axis (Zhang and Sennrich, arXiv 1910.07467). */
export function rmsNorm(x: Value, gain: Value, epsilon = 1e-5): Value {
  const inverse = inverseRms(x, epsilon);
  return apply(rmsNormOp, [x, gain, mul(x, inverse), inverse], undefined);
}
