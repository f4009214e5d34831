import type { Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { matmul } from '../graph/ops/matmul.ts';

/**
 * x · W + b: (…, inputs) → (…, outputs). W is drawn with deviation 1/√inputs, b begins at zero.
 *
 * @param hidden whether the outputs are hidden units, not the model's answer: see `Graph.parameter`
 */
export function linear(
  x: Value,
  name: string,
  inputs: number,
  outputs: number,
  { hidden }: { hidden: boolean },
): Value {
  return x.graph.scope(name, () => {
    const deviation = inputs ** -0.5;
    const weight = x.graph.parameter('weight', [inputs, outputs], { kind: 'normal', deviation }, { hidden });
    return add(matmul(x, weight), x.graph.parameter('bias', [outputs], { kind: 'zeros' }));
  });
}
