/**
 * How far a text lies from those that a classifier was trained with, by what all layers of its encoder make of it.
 *
 * The distance is Mahalanobis' to the nearest class, all classes having one covariance (Lee et al., A simple unified
 * framework for detecting out-of-distribution samples, arXiv 1807.03888): directions in which the texts of a class
 * differ much count little. Few texts in many directions say little of some of them, so the covariance is drawn towards
 * the same in all, the more the fewer there are.
 *
 * @module
 */
import { ops, type Value } from '@kolben/engine';

const { matmul, mul, reduceMax, reduceSum, scale, sub, unsqueeze } = ops;

export interface ClassDistances {
  readonly width: number;
  readonly classes: number;
  /** The mean of all states: (width). */
  readonly centre: Float32Array;
  /** (width, width): after it, distances are lengths. */
  readonly projection: Float32Array;
  /** The mean states of the classes, less the centre and projected: (classes, width). A class of no text has none: 0. */
  readonly means: Float32Array;
}

/**
 * @param states row after row, the mean state of each text (`nn.TextClassifier.meanState`)
 * @param labels the class of each text
 */
export function fitClassDistances(
  states: Float32Array,
  labels: readonly number[],
  { width, classes }: { readonly width: number; readonly classes: number },
): ClassDistances {
  const n = labels.length;
  const centre = new Float64Array(width);
  const means = new Float64Array(classes * width);
  const counts = new Array<number>(classes).fill(0);
  labels.forEach((label, row) => {
    counts[label]++;
    for (let i = 0; i < width; i++) {
      centre[i] += states[row * width + i] / n;
      means[label * width + i] += states[row * width + i];
    }
  });
  counts.forEach((count, label) => {
    for (let i = 0; i < width; i++) {
      const at = label * width + i;
      means[at] = count === 0 ? centre[i] : means[at] / count;
    }
  });
  const inverse = inverseRoot(covariance(states, labels, means, width), width);
  const projection = new Float32Array(width * width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) projection[j * width + i] = inverse[i * width + j];
  const projected = new Float32Array(classes * width);
  for (let label = 0; label < classes; label++)
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverse[i * width + j] * (means[label * width + j] - centre[j]);
      projected[label * width + i] = sum;
    }
  return { width, classes, centre: Float32Array.from(centre), projection, means: projected };
}

/** Within the classes, shrunk: (width, width), of which the lower half is filled. */
function covariance(
  states: Float32Array,
  labels: readonly number[],
  means: Float64Array,
  width: number,
): Float64Array {
  const n = labels.length;
  const sums = new Float64Array(width * width);
  const row = new Float64Array(width);
  labels.forEach((label, r) => {
    for (let i = 0; i < width; i++) row[i] = states[r * width + i] - means[label * width + i];
    for (let i = 0; i < width; i++) for (let j = 0; j <= i; j++) sums[i * width + j] += row[i] * row[j];
  });
  let trace = 0;
  for (let i = 0; i < width; i++) trace += sums[i * width + i] / n;
  const shrinkage = width / (width + n);
  // Where no text differs from its class there is still a length.
  const same = shrinkage * (trace / width) + 1e-12;
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++)
      sums[i * width + j] = ((1 - shrinkage) / n) * sums[i * width + j] + (i === j ? same : 0);
  return sums;
}

/** The inverse of the lower triangular L with L · Lᵀ = `matrix` (Cholesky), which is overwritten. */
function inverseRoot(matrix: Float64Array, width: number): Float64Array {
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * width + k] * matrix[j * width + k];
      matrix[i * width + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * width + j];
    }
  const inverse = new Float64Array(width * width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= matrix[i * width + k] * inverse[k * width + j];
      inverse[i * width + j] = sum / matrix[i * width + i];
    }
  return inverse;
}

/** How near a text is to the nearest class: minus its squared distance by the width, (B, width) → (B, 1). */
export function nearness(state: Value, { width, classes, centre, projection, means }: ClassDistances): Value {
  const fixed = (data: Float32Array, dims: readonly number[]) =>
    state.graph.constant({ data, dims }, 'float32');
  const at = matmul(sub(state, fixed(centre, [width])), fixed(projection, [width, width]));
  const away = sub(unsqueeze(at, 1), fixed(means, [1, classes, width]));
  const squares = reduceSum(mul(away, away), [2]);
  return reduceMax(scale(squares, -1 / width), [1], { keepDims: true });
}
