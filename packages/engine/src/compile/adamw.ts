/**
 * The optimizer's program (U): AdamW (Loshchilov and Hutter, arXiv 1711.05101) on a stretch of any parameter.
 *
 * It is a program like any other, so it runs wherever the model runs. The chip gives outputs the memory of the
 * inputs of the same role, so it works in place.
 *
 * @module
 */
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { div } from '../graph/ops/div.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { sqrt } from '../graph/ops/sqrt.ts';
import { sub } from '../graph/ops/sub.ts';
import { emitProgram, type Program } from './program.ts';

/** The numbers of AdamW (Loshchilov and Hutter, arXiv 1711.05101). */
export interface AdamWOptions {
  /** Decay rates of the two moments, each in [0, 1). */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled, multiplied by the learning rate; applies to matrices and tables, not to gains and biases. */
  readonly weightDecay: number;
}

/**
 * Ports, all of one length N but for the numbers: `parameter`, `gradient`, `first`, `second` → `parameter.next`,
 * `first.next`, `second.next`. The two moments are sums instead of means, m/(1-β1) and v/(1-β2): two passes over
 * memory fewer. `adamwNumbers` says what the numbers `rate`, `floor` and `keep` are; `clip` multiplies the gradient.
 */
export function adamwProgram({ beta1, beta2 }: AdamWOptions): Program {
  const graph = new Graph();
  const vector = (name: string) => graph.input(name, 'float32', ['N']);
  const number = (name: string) => graph.input(name, 'float32', []);
  const [parameter, gradient, first, second] = ['parameter', 'gradient', 'first', 'second'].map(vector);
  const [clip, rate, floor, keep] = ['clip', 'rate', 'floor', 'keep'].map(number);

  const clipped = mul(gradient, clip);
  const nextFirst = add(scale(first, beta1), clipped);
  const nextSecond = add(scale(second, beta2), mul(clipped, clipped));
  const step = div(mul(nextFirst, rate), add(sqrt(nextSecond), floor));
  return emitProgram({
    name: 'U',
    intoGivenMemory: true,
    outputs: [
      { value: sub(mul(parameter, keep), step), name: 'parameter.next' },
      { value: nextFirst, name: 'first.next' },
      { value: nextSecond, name: 'second.next' },
    ],
  });
}

/**
 * The numbers of step `step`, from 0: AdamW moves a parameter by lr · m̂ / (√v̂ + ε) with m̂ = m / (1-β1^t),
 * v̂ = v / (1-β2^t), t = step + 1, after it has kept the share 1 - lr · weightDecay of it.
 */
export function adamwNumbers(
  { beta1, beta2, epsilon, weightDecay }: AdamWOptions,
  step: number,
  learningRate: number,
): { rate: number; floor: number; keep: number } {
  const deviation = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
  return {
    rate: (learningRate * (1 - beta1)) / (1 - beta1 ** (step + 1)) / deviation,
    floor: epsilon / deviation,
    keep: 1 - learningRate * weightDecay,
  };
}

/** The sum of squares of a stretch: `gradient` (N) → `squares` (). */
export function squaresProgram(): Program {
  const gradient = new Graph().input('gradient', 'float32', ['N']);
  return emitProgram({
    name: 'squares',
    intoGivenMemory: true,
    outputs: [{ value: reduceSum(mul(gradient, gradient), [0]), name: 'squares' }],
  });
}

/** A running mean: `mean` (N), `parameter` (N), `weight` () → `mean.next` = mean + weight · (parameter - mean). */
export function averageProgram(): Program {
  const graph = new Graph();
  const [mean, parameter]: Value[] = ['mean', 'parameter'].map((name) => graph.input(name, 'float32', ['N']));
  const weight = graph.input('weight', 'float32', []);
  return emitProgram({
    name: 'average',
    intoGivenMemory: true,
    outputs: [{ value: add(mean, mul(sub(parameter, mean), weight)), name: 'mean.next' }],
  });
}

/** The sum of two stretches: `a` (N), `b` (N) → `sum`. */
export function addProgram(): Program {
  const graph = new Graph();
  const [a, b]: Value[] = ['a', 'b'].map((name) => graph.input(name, 'float32', ['N']));
  return emitProgram({ name: 'add', intoGivenMemory: true, outputs: [{ value: add(a, b), name: 'sum' }] });
}
