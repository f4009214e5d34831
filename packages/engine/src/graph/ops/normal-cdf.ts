import { inferMap } from '../elementwise.ts';
import type { Emitter } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { scale } from './scale.ts';

/** Terms of the series: enough for 15 digits up to an argument of 4. */
const terms = 70;

export const normalCdfOp: Op = {
  name: 'normalCdf',
  infer: inferMap,
  gradient: ({ inputs: [x] }, dy) => [
    mul(dy, scale(exp(scale(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI))),
  ],
  lower: ({ output }, [x], emit) => {
    const number = (value: number) => emit.scalar(value, output.dtype);
    const scaled = emit.node('Mul', [x, number(Math.SQRT1_2)]);
    const erf = output.dtype === 'float32' ? emit.node('Erf', [scaled]) : erfBySeries(scaled, number, emit);
    return emit.node('Mul', [emit.node('Add', [erf, number(1)]), number(0.5)]);
  },
};

/**
 * For float64, which the kernel doesn't take: it serves the gradient checks. 2/√π · e^(-x²) · x · (1 + 2x²/3 · (1 +
 * 2x²/5 · (1 + …))), of positive terms only (Abramowitz and Stegun, 7.1.6).
 */
function erfBySeries(x: string, number: (value: number) => string, emit: Emitter): string {
  const square = emit.node('Mul', [x, x]);
  let sum = number(1);
  for (let n = terms; n >= 1; n--) {
    const ratio = emit.node('Mul', [square, number(2 / (2 * n + 1))]);
    sum = emit.node('Add', [emit.node('Mul', [sum, ratio]), number(1)]);
  }
  const bell = emit.node('Mul', [
    emit.node('Exp', [emit.node('Neg', [square])]),
    number(2 / Math.sqrt(Math.PI)),
  ]);
  return emit.node('Mul', [emit.node('Mul', [sum, x]), bell]);
}

/** The share of a standard normal distribution that lies below each element. */
export function normalCdf(x: Value): Value {
  return apply(normalCdfOp, [x], undefined);
}
