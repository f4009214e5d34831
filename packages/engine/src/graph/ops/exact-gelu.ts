import { inferMap } from '../elementwise.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { add } from './add.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { normalCdf, normalCdfOp } from './normal-cdf.ts';
import { scale } from './scale.ts';

export const exactGeluOp: Op = {
  name: 'exactGelu',
  infer: inferMap,
  // What lies below x, and x times the density there: x alone is kept from the forward pass.
  gradient: ({ inputs: [x] }, dy) => {
    const density = scale(exp(scale(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [mul(dy, add(normalCdf(x), mul(x, density)))];
  },
  lower: (call, inputs, emit) =>
    call.output.dtype === 'float32'
      ? emit.node('Gelu', inputs, { approximate: 'none' })
      : emit.node('Mul', [inputs[0], normalCdfOp.lower(call, inputs, emit)]),
};

/**
 * The Gaussian error linear unit as it is defined, x · Φ(x) (Hendrycks and Gimpel, arXiv 1606.08415): what models
 * trained elsewhere need. `gelu` is its sigmoid form, which is cheaper.
 */
export function exactGelu(x: Value): Value {
  return apply(exactGeluOp, [x], undefined);
}
