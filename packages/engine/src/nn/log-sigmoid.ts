import type { Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { log } from '../graph/ops/log.ts';
import { relu } from '../graph/ops/relu.ts';
import { sigmoid } from '../graph/ops/sigmoid.ts';
import { sub } from '../graph/ops/sub.ts';

/** log(1 / (1 + e^-x)) of each element, with nothing that overflows: min(x, 0) + log s(|x|). */
export function logSigmoid(x: Value): Value {
  // Not relu(-x): both would have no slope at 0, where the logarithm has one half.
  const above = relu(x);
  const below = sub(above, x);
  return sub(log(sigmoid(add(above, below))), below);
}
