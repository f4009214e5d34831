/**
 * The optimizer's program for hidden matrices: Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural
 * networks", 2024), scaled as in Moonlight (arXiv 2502.16982): one learning rate and one decay for it and AdamW.
 *
 * A matrix moves by its momentum, of which all singular values have been brought near 1 by five Newton-Schulz steps:
 * products of matrices only, no decomposition.
 *
 * @module
 */
import { Graph, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { div } from '../graph/ops/div.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { sqrt } from '../graph/ops/sqrt.ts';
import { sub } from '../graph/ops/sub.ts';
import { emitProgram, type Program } from './program.ts';

/** How hidden matrices move. */
export interface MuonOptions {
  /** The share of the momentum that is kept from step to step, in [0, 1); 0.95 is usual. */
  readonly momentum: number;
}

/** Of x ↦ a·x + b·x³ + c·x⁵, which five times over takes singular values from (0, 1] to between about 0.7 and 1.2. */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const newtonSchulzSteps = 5;

/** Keeps a gradient of zeros from being divided by zero. */
const smallestNorm = 1e-7;

/**
 * Ports: `parameter`, `gradient` and `momentum` (R, C), the numbers `clip`, by which the gradient is multiplied,
 * `keep`, the share of the parameter that decay leaves, and `rate` of `muonRate` → `parameter.next`, `momentum.next`.
 * The momentum is a sum, not a mean.
 *
 * @param side `wide` for R ≤ C, `tall` for R ≥ C: products are made on the shorter side. Both give the same.
 */
export function muonProgram({ momentum }: MuonOptions, side: 'wide' | 'tall'): Program {
  const graph = new Graph();
  const [parameter, gradient, sum] = ['parameter', 'gradient', 'momentum'].map((name) =>
    graph.input(name, 'float32', ['R', 'C']),
  );
  const [clip, rate, keep] = ['clip', 'rate', 'keep'].map((name) => graph.input(name, 'float32', []));

  const clipped = mul(gradient, clip);
  const nextSum = add(scale(sum, momentum), clipped);
  // Nesterov: where the momentum will be if the next gradient is like this one.
  const ahead = add(clipped, scale(nextSum, momentum));
  const step = mul(orthogonalised(ahead, side), rate);
  return emitProgram({
    name: `muon ${side}`,
    intoGivenMemory: true,
    outputs: [
      { value: sub(mul(parameter, keep), step), name: 'parameter.next' },
      { value: nextSum, name: 'momentum.next' },
    ],
  });
}

/**
 * `rate` for a matrix of that shape. One whose singular values are all 1 has entries of the size 1/√max(rows, columns);
 * 0.2 is the size of AdamW's steps (Moonlight, section 2.2).
 */
export function muonRate([rows, columns]: readonly number[], learningRate: number): number {
  return learningRate * 0.2 * Math.sqrt(Math.max(rows, columns));
}

/** Newton-Schulz: X ← a·X + (b·A + c·A²)·X with A = X·Xᵀ, or its mirror image. The norm bounds all singular values. */
function orthogonalised(x: Value, side: 'wide' | 'tall'): Value {
  const norm = sqrt(reduceSum(mul(x, x), [0, 1]));
  let result = div(x, add(norm, scalar(norm, smallestNorm)));
  for (let i = 0; i < newtonSchulzSteps; i++) {
    const wide = side === 'wide';
    const square = matmul(result, result, { transposeA: !wide, transposeB: wide });
    const polynomial = add(scale(square, b), matmul(square, square, { factor: c }));
    const product = wide ? matmul(polynomial, result) : matmul(result, polynomial);
    result = add(scale(result, a), product);
  }
  return result;
}
