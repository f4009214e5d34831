import { constant, scalar, type Value } from '../graph/graph.ts';
import { cast } from '../graph/ops/cast.ts';
import { equal } from '../graph/ops/equal.ts';
import { mul } from '../graph/ops/mul.ts';
import { scale } from '../graph/ops/scale.ts';
import { sub } from '../graph/ops/sub.ts';
import { unsqueeze } from '../graph/ops/unsqueeze.ts';
import { masked } from './attention.ts';

/**
 * The mask for rows that several sequences share: each sees its own alone, and only backwards where `causal`.
 *
 * @param segments (B, T) int64: the number of the sequence that a position belongs to; T known. Padding is a sequence
 *   of its own, such as -1.
 * @returns (B, 1, T, T)
 */
export function segmentMask(segments: Value, { causal }: { causal: boolean }): Value {
  const numbers = cast(segments, 'float32');
  const same = equal(unsqueeze(unsqueeze(numbers, 1), 3), unsqueeze(unsqueeze(numbers, 1), 2));
  const seen = causal ? mul(same, lowerTriangle(same, segments.shape[1] as number)) : same;
  return scale(sub(scalar(seen, 1), seen), masked);
}

function lowerTriangle(like: Value, length: number): Value {
  const numbers = Array.from({ length: length * length }, (_, i) =>
    Number(i % length <= Math.floor(i / length)),
  );
  return constant(like, 'float32', numbers, [length, length]);
}
