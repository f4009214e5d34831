/**
 * The gate for texts that belong to no label (`certificates/novelty.ts`) as a part of the graph that answers.
 *
 * @module
 */
import { constant, ops, type Value } from '@kolben/engine';
import type { NoveltyGate } from '../certificates/novelty.ts';

const { add, log, mul, scale, sigmoid, softmax, sub } = ops;

/** The share of certainty that a text always loses, so that no label has a probability of 0, and no infinite logit. */
const doubt = 1e-6;
/** The share that it always keeps, so that rounding doesn't choose among labels that are all but equally likely. */
const trust = 1e-3;

/**
 * The logarithms of λ · softmax + (1 - λ) / classes, λ being how much a text belongs by its peak (B, 1): of what belongs
 * to no label every label is as likely as another, so the likeliest one stays and is unsure.
 */
export function gated(logits: Value, peak: Value, { centre, width }: NoveltyGate): Value {
  const number = (value: number) => constant(logits, 'float32', [value], []);
  const passed = sigmoid(scale(sub(peak, number(centre)), 1 / width));
  const belongs = add(scale(passed, 1 - doubt - trust), number(trust));
  const rest = scale(sub(number(1), belongs), 1 / (logits.shape[1] as number));
  return log(add(mul(softmax(logits), belongs), rest));
}
