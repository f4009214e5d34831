import { scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { sub } from '../graph/ops/sub.ts';
import type { CrossEntropyOptions } from './cross-entropy.ts';
import { logSigmoid } from './log-sigmoid.ts';

/**
 * The weighted sum, over texts, of the mean cross-entropy of C independent yes-or-no questions, a single number:
 * Σ_b w_b / C Σ_c −t log σ(x) − (1 − t) log σ(−x).
 *
 * @param logits x, (B, C), C known
 * @param labels t, (B, C), float32, each in [0, 1]: ones and zeros, or the probability of a yes
 * @param weights w, (B): one over the number of texts in the step gives their mean
 */
export function binaryCrossEntropy(
  logits: Value,
  labels: Value,
  weights: Value,
  { smoothing = 0 }: CrossEntropyOptions = {},
): Value {
  const target = add(scale(labels, 1 - smoothing), scalar(labels, smoothing / 2));
  // log σ(−x) = log σ(x) − x
  const likelihood = sub(logSigmoid(logits), mul(sub(scalar(target, 1), target), logits));
  const means = scale(reduceSum(likelihood, [1]), -1 / (logits.shape[1] as number));
  return reduceSum(mul(means, weights), [0]);
}
