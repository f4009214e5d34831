import type { Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { matmul } from '../graph/ops/matmul.ts';

/** x · W + b: (…, inputs) → (…, outputs). W is drawn with deviation 1/√inputs, b begins at zero. */
export function linear(x: Value, name: string, inputs: number, outputs: number): Value {
  return x.graph.scope(name, () => {
    const weight = x.graph.parameter('weight', [inputs, outputs], {
      kind: 'normal',
      deviation: inputs ** -0.5,
    });
    return add(matmul(x, weight), x.graph.parameter('bias', [outputs], { kind: 'zeros' }));
  });
}
