/**
 * A linear support vector machine with squared hinge loss, trained by dual coordinate descent.
 *
 *     minimise over w   ½ |w|² + C Σ max(0, 1 − y_i w·x_i)²
 *
 * Hsieh, Chang, Lin, Keerthi and Sundararajan, A dual coordinate descent method for large-scale linear SVM
 * (ICML 2008), with its shrinking. An input of constant 1 (the last entry of w) serves as the intercept and
 * is regularised like the rest, as in LIBLINEAR and in scikit-learn's LinearSVC.
 *
 * @module
 */
import { randomStream, uniform } from '@kolben/engine';
import { rowCount, type SparseRows } from './sparse-rows.ts';

export interface LinearSvmOptions {
  /** Weight of the loss against the regulariser; default 1. */
  cost?: number;
  /** Ends when the projected gradients of an epoch span less than this; default 0.1, as in LIBLINEAR. */
  tolerance?: number;
  /** Epochs at the most; default 100. */
  epochs?: number;
  seed: number;
}

export interface LinearSvm {
  /** `width` weights and the intercept. */
  weights: Float64Array;
  /** The dual variables, one for each row, ≥ 0. */
  alphas: Float64Array;
  epochs: number;
}

/** @param isPositive 1 for rows of the class, 0 for others */
export function trainLinearSvm(
  rows: SparseRows,
  isPositive: Uint8Array,
  options: LinearSvmOptions,
): LinearSvm {
  const { cost = 1, tolerance = 0.1, epochs: maxEpochs = 100, seed } = options;
  const { starts, columns, values, width } = rows;
  const n = rowCount(rows);
  const stream = randomStream(seed);
  const weights = new Float64Array(width + 1);
  const alphas = new Float64Array(n);
  // For the squared hinge the dual has no upper bound but a diagonal 1/(2C).
  const diagonal = 0.5 / cost;
  const curvature = squaredNorms(rows);
  for (let i = 0; i < n; i++) curvature[i]! += diagonal;

  const order = Int32Array.from({ length: n }, (_, i) => i);
  let active = n;
  // Gradients outside of what the last epoch saw mark variables that will stay at their bound.
  let upperBefore = Number.POSITIVE_INFINITY;
  let epoch = 0;
  while (epoch < maxEpochs) {
    epoch++;
    let upper = Number.NEGATIVE_INFINITY;
    let lower = Number.POSITIVE_INFINITY;
    for (let i = 0; i < active; i++) {
      const other = i + Math.floor(uniform(stream) * (active - i));
      const swapped = order[i]!;
      order[i] = order[other]!;
      order[other] = swapped;
    }
    for (let position = 0; position < active; position++) {
      const row = order[position]!;
      const begin = starts[row]!;
      const end = starts[row + 1]!;
      const sign = isPositive[row] === 1 ? 1 : -1;
      let score = weights[width]!;
      for (let i = begin; i < end; i++) score += values[i]! * weights[columns[i]!]!;
      const alpha = alphas[row]!;
      const gradient = sign * score - 1 + alpha * diagonal;
      if (alpha === 0) {
        if (gradient > upperBefore) {
          active--;
          order[position] = order[active]!;
          order[active] = row;
          position--;
          continue;
        }
        if (gradient >= 0) {
          if (upper < 0) upper = 0;
          if (lower > 0) lower = 0;
          continue;
        }
      }
      if (gradient > upper) upper = gradient;
      if (gradient < lower) lower = gradient;
      if (Math.abs(gradient) < 1e-12) continue;
      const next = Math.max(0, alpha - gradient / curvature[row]!);
      alphas[row] = next;
      const step = (next - alpha) * sign;
      for (let i = begin; i < end; i++) weights[columns[i]!]! += step * values[i]!;
      weights[width]! += step;
    }
    if (upper - lower <= tolerance) {
      if (active === n) break;
      // Converged on the active ones: look at all of them once more.
      active = n;
      upperBefore = Number.POSITIVE_INFINITY;
      continue;
    }
    upperBefore = upper > 0 ? upper : Number.POSITIVE_INFINITY;
  }
  return { weights, alphas, epochs: epoch };
}

/** |x|² of every row, its constant 1 included. */
function squaredNorms(rows: SparseRows): Float64Array {
  const norms = new Float64Array(rowCount(rows)).fill(1);
  for (let row = 0; row < norms.length; row++) {
    for (let i = rows.starts[row]!; i < rows.starts[row + 1]!; i++) norms[row]! += rows.values[i]! ** 2;
  }
  return norms;
}
