/**
 * How far a student's distribution is from a teacher's: the Kullback–Leibler divergence, forward, reverse or a mix of
 * both, at a temperature (Hinton et al., arXiv 1503.02531; reverse: Gu et al., arXiv 2306.08543).
 *
 * Where only the teacher's likeliest classes are known, all others are one more class, the rest, for both of them.
 *
 * @module
 */
import { scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { cast } from '../graph/ops/cast.ts';
import { concat } from '../graph/ops/concat.ts';
import { exp } from '../graph/ops/exp.ts';
import { gatherElements } from '../graph/ops/gather-elements.ts';
import { log } from '../graph/ops/log.ts';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceMax } from '../graph/ops/reduce-max.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { scatterElements } from '../graph/ops/scatter-elements.ts';
import { sub } from '../graph/ops/sub.ts';
import { zerosLike } from '../graph/ops/zeros-like.ts';
import { masked } from './attention.ts';

/** What is known of the teacher's distribution. */
export interface TeacherShares {
  /** (N, K) int64, all different within a row: the classes that are known. Default: all C. */
  readonly classes?: Value;
  /**
   * (N, K + 1), or (N, C) where all are known: natural logarithms of the classes' shares and of the rest's, each finite:
   * -30 stands for nothing. They need not add up to 1 exactly.
   */
  readonly logShares: Value;
}

/** Which divergence it is. */
export interface DivergenceOptions {
  /** 0 is the forward divergence, teacher from student; 1 the reverse; between them a mix; 0.5 is half of Jeffreys'. */
  readonly reverse?: number;
  /** Divides the logarithms of both before they are normalised, above 0; the result is multiplied by its square. */
  readonly temperature?: number;
}

/**
 * The weighted sum of divergences, a single number.
 *
 * @param logits (N, C), the student's
 * @param weights (N): one over the number of rows in the step gives their mean
 */
export function divergence(
  logits: Value,
  { classes, logShares }: TeacherShares,
  weights: Value,
  { reverse = 0, temperature = 1 }: DivergenceOptions = {},
): Value {
  const buckets = classes ? bucketed(logits, classes) : logits;
  const [q, p] = [buckets, logShares].map((value) => logSoftmax(scale(value, 1 / temperature)));
  const difference = sub(p, q);
  // Which way the mean is taken is all that tells them apart.
  const forward = reverse < 1 ? scale(mul(exp(p), difference), 1 - reverse) : undefined;
  const backward = reverse > 0 ? scale(mul(exp(q), difference), -reverse) : undefined;
  const terms = forward && backward ? add(forward, backward) : ((forward ?? backward) as Value);
  return scale(reduceSum(mul(reduceSum(terms, [1]), weights), [0]), temperature ** 2);
}

/** The logits of some classes, and the logarithm of the sum of all others: (N, C), (N, K) → (N, K + 1). */
function bucketed(logits: Value, classes: Value): Value {
  const known = zerosLike(cast(classes, logits.dtype));
  const mask = scatterElements(zerosLike(logits), classes, add(known, scalar(known, masked)), { axis: 1 });
  const others = add(logits, mask);
  const most = reduceMax(others, [1], { keepDims: true });
  const rest = add(most, log(reduceSum(exp(sub(others, most)), [1], { keepDims: true })));
  return concat([gatherElements(logits, classes, 1), rest], 1);
}
