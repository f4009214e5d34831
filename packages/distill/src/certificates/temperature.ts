/**
 * One temperature that turns a student's logits into probabilities that can be believed.
 *
 * Guo et al., On calibration of modern neural networks (arXiv 1706.04599). Dividing all logits by one number
 * changes no answer, only how sure the student says it is. Fitted on the tune split.
 *
 * @module
 */

/** The range a temperature is looked for in; separable data would otherwise drive it to 0. */
export const TEMPERATURE_RANGE: readonly [number, number] = [0.02, 50];

/**
 * The temperature T that minimises the mean negative log-likelihood of softmax(logits / T).
 *
 * In β = 1/T the loss is convex, so its derivative, mean over examples of E_p[z] − z_label, rises
 * monotonically, and bisection on its sign (over log β) finds the minimum. 1 when there are no examples.
 *
 * @param logits row after row, one row of `classes` values for each label
 * @param labels index of the right class for each row; negative where the student doesn't know that class,
 *   and such rows are left out, since no temperature makes them right
 * @throws RangeError when the sizes don't match
 */
export function fitTemperature(
  logits: Float32Array | Float64Array,
  classes: number,
  labels: ArrayLike<number>,
): number {
  assertShape(logits, classes, labels);
  let low = Math.log(1 / TEMPERATURE_RANGE[1]);
  let high = Math.log(1 / TEMPERATURE_RANGE[0]);
  if (!hasKnownLabel(labels)) return 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (lossSlope(logits, classes, labels, Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(-(low + high) / 2);
}

/** Mean negative log-likelihood, in nats, of softmax(logits / temperature); rows of unknown label left out. */
export function negativeLogLikelihood(
  logits: Float32Array | Float64Array,
  classes: number,
  labels: ArrayLike<number>,
  temperature: number,
): number {
  assertShape(logits, classes, labels);
  let sum = 0;
  let rows = 0;
  for (const { at, label, top } of knownRows(logits, classes, labels)) {
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp((logits[at + c]! - top) / temperature);
    sum += Math.log(total) - (logits[at + label]! - top) / temperature;
    rows++;
  }
  return rows === 0 ? 0 : sum / rows;
}

function lossSlope(
  logits: Float32Array | Float64Array,
  classes: number,
  labels: ArrayLike<number>,
  beta: number,
): number {
  let slope = 0;
  for (const { at, label, top } of knownRows(logits, classes, labels)) {
    let total = 0;
    let weighted = 0;
    for (let c = 0; c < classes; c++) {
      // Relative to the top logit nothing overflows, and the shift cancels in the slope.
      const shifted = logits[at + c]! - top;
      const weight = Math.exp(beta * shifted);
      total += weight;
      weighted += weight * shifted;
    }
    slope += weighted / total - (logits[at + label]! - top);
  }
  return slope;
}

/** The rows whose label the student knows: where each begins, its label, its largest logit. */
function* knownRows(logits: Float32Array | Float64Array, classes: number, labels: ArrayLike<number>) {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label < 0) continue;
    const at = row * classes;
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[at + c]!);
    yield { at, label, top };
  }
}

function hasKnownLabel(labels: ArrayLike<number>): boolean {
  for (let row = 0; row < labels.length; row++) if (labels[row]! >= 0) return true;
  return false;
}

function assertShape(logits: ArrayLike<number>, classes: number, labels: ArrayLike<number>): void {
  if (!Number.isInteger(classes) || classes < 1 || logits.length !== classes * labels.length) {
    throw new RangeError(
      `${labels.length} labels of ${classes} classes need ${labels.length * classes} logits, not ${logits.length}.`,
    );
  }
  for (let row = 0; row < labels.length; row++) {
    if (!Number.isInteger(labels[row]) || labels[row]! >= classes) {
      throw new RangeError(`Label ${labels[row]} is not the index of one of ${classes} classes.`);
    }
  }
}
