import type { Value } from '../graph/graph.ts';
import { mul } from '../graph/ops/mul.ts';

/** Sets a share of the elements to zero and scales the others, so that the mean stays; `rate` in [0, 1). */
export function dropout(x: Value, rate: number): Value {
  return rate === 0 ? x : mul(x, x.graph.dropoutMask(x.shape, rate));
}
