import { scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { sub } from '../graph/ops/sub.ts';
import { logSigmoid } from './log-sigmoid.ts';

/**
 * The weighted sum, over examples, of the cross-entropies of C independent yes-or-no questions, a single number:
 * Σ_b w_b Σ_c −t log σ(x) − (1 − t) log σ(−x).
 *
 * @param logits x, (B, C)
 * @param targets t, (B, C), float32 in [0, 1]
 * @param weights w, (B): one over the number of examples in the step gives their mean
 */
export function binaryCrossEntropy(logits: Value, targets: Value, weights: Value): Value {
  const yes = mul(targets, logSigmoid(logits));
  const no = mul(sub(scalar(targets, 1), targets), logSigmoid(scale(logits, -1)));
  return scale(reduceSum(mul(reduceSum(add(yes, no), [1]), weights), [0]), -1);
}
