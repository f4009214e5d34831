/**
 * The batches: random tokens, the same for everybody. What is measured does not depend on what they say.
 *
 * @module
 */
import { randomStream } from '@kolben/engine';
import type { BenchModel } from './models.ts';

/** Steps take them in turn. */
export const batchCount = 4;

/** (batches, 2, batch, length): tokens, then targets. */
export function drawBatches({ shape, batch, length }: BenchModel): Int32Array {
  const stream = randomStream('training batches', shape.vocabulary);
  return Int32Array.from({ length: batchCount * 2 * batch * length }, () => stream() % shape.vocabulary);
}

/** Tokens and targets of sequences `start` to `end` of a batch. */
export function sequences(
  all: Int32Array,
  { batch, length }: Pick<BenchModel, 'batch' | 'length'>,
  step: number,
  start: number,
  end: number,
): { tokens: Int32Array; targets: Int32Array } {
  const of = (half: 0 | 1) => {
    const from = ((step % batchCount) * 2 + half) * batch * length;
    return all.subarray(from + start * length, from + end * length);
  };
  return { tokens: of(0), targets: of(1) };
}
