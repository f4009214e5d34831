import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch, sameShape } from '../shape.ts';
import { matmul } from './matmul.ts';
import { mul } from './mul.ts';
import { softmax } from './softmax.ts';

export const logSumExpOp: Op = {
  name: 'logSumExp',
  infer: ([logits, shares, x, table]) => {
    if (!sameShape(logits.shape, [x.shape[0], table.shape[0]]) || !sameShape(logits.shape, shares.shape))
      throw new ShapeMismatch('the logits are not those of these rows and this table');
    return { dtype: logits.dtype, shape: [logits.shape[0], 1] };
  },
  // The rows' weights go to the narrow side of each product, so that nothing passes over the logits again.
  gradient: ({ inputs: [, shares, x, table] }, dy) => [
    undefined,
    undefined,
    mul(dy, matmul(shares, table)),
    matmul(shares, mul(dy, x), { transposeA: true }),
  ],
  // Of the largest logit, the share is never too small for its logarithm.
  lower: (_, [logits, shares], emit) => {
    const largest = (name: string) => emit.node('ReduceMax', [name, emit.integers([-1])]);
    return emit.node('Sub', [largest(logits), emit.node('Log', [largest(shares)])]);
  },
};

/**
 * The logarithm of the sum of e to the logits x · tableᵀ, for each row: (N, D) and (V, D) → (N, 1). The softmax that it
 * computes on the way is what its gradient needs, so the logits are passed over once.
 */
export function logSumExp(x: Value, table: Value): Value {
  const logits = matmul(x, table, { transposeB: true });
  return apply(logSumExpOp, [logits, softmax(logits), x, table], undefined);
}
