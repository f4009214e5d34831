import { scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { mul } from '../graph/ops/mul.ts';
import { oneHot } from '../graph/ops/one-hot.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';

/** How a cross-entropy takes its targets. */
export interface CrossEntropyOptions {
  /** The share of the target that is spread evenly over all classes, in [0, 1). */
  readonly smoothing?: number;
}

/**
 * The weighted sum of cross-entropies, a single number.
 *
 * @param logits (B, C), C known
 * @param labels (B), int64 in [0, C); or (B, C), float32, as `softCrossEntropy` takes them
 * @param weights (B): one over the number of examples in the step gives their mean
 */
export function crossEntropy(
  logits: Value,
  labels: Value,
  weights: Value,
  options: CrossEntropyOptions = {},
): Value {
  const shares = labels.dtype === 'int64' ? oneHot(labels, logits.shape[1] as number) : labels;
  return softCrossEntropy(logits, shares, weights, options);
}

/**
 * The weighted sum of cross-entropies with targets that are shares of all classes, a single number. A row of zeros and
 * a one gives just what its class gives as a label.
 *
 * @param logits (B, C), C known
 * @param shares (B, C), float32, each row adding up to 1
 * @param weights (B)
 */
export function softCrossEntropy(
  logits: Value,
  shares: Value,
  weights: Value,
  { smoothing = 0 }: CrossEntropyOptions = {},
): Value {
  const even = scalar(logits, smoothing / (logits.shape[1] as number));
  const target = add(scale(shares, 1 - smoothing), even);
  const likelihood = reduceSum(mul(logSoftmax(logits), target), [1]);
  return scale(reduceSum(mul(likelihood, weights), [0]), -1);
}
