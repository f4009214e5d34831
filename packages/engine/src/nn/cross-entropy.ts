import { constant, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { mul } from '../graph/ops/mul.ts';
import { oneHot } from '../graph/ops/one-hot.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';

/** How `crossEntropy` takes its targets. */
export interface CrossEntropyOptions {
  /** The share of the target that is spread evenly over all classes, in [0, 1). */
  readonly smoothing?: number;
}

/**
 * The weighted sum of cross-entropies, a single number.
 *
 * @param logits (B, C), C known
 * @param labels (B), int64 in [0, C)
 * @param weights (B): one over the number of examples in the step gives their mean
 */
export function crossEntropy(
  logits: Value,
  labels: Value,
  weights: Value,
  { smoothing = 0 }: CrossEntropyOptions = {},
): Value {
  const classes = logits.shape[1] as number;
  const even = constant(logits, 'float32', [smoothing / classes], []);
  const target = add(scale(oneHot(labels, classes), 1 - smoothing), even);
  const likelihood = reduceSum(mul(logSoftmax(logits), target), [1]);
  return scale(reduceSum(mul(likelihood, weights), [0]), -1);
}
