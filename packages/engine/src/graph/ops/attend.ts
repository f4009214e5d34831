import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch, sameShape } from '../shape.ts';
import { matmul } from './matmul.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { sub } from './sub.ts';

interface Attributes {
  readonly factor: number;
}

export const attendOp: Op<Attributes> = {
  name: 'attend',
  infer: ([weights, q, k, v]) => {
    if (!sameShape(k.shape, v.shape)) throw new ShapeMismatch('keys and values differ');
    if (!sameShape(weights.shape, [...q.shape.slice(0, 3), k.shape[2]]))
      throw new ShapeMismatch('the weights are not of these queries and keys');
    return { dtype: q.dtype, shape: q.shape };
  },
  gradient: ({ inputs: [weights, q, k, v], output, attributes: { factor } }, dy) => {
    // The sum of a row of dWeights · weights is that of a row of dy · y, which is far shorter (Dao et al., arXiv
    // 2205.14135, appendix B.2).
    const rows = reduceSum(mul(dy, output), [-1], { keepDims: true });
    const dScores = mul(weights, sub(matmul(dy, v, { transposeB: true }), rows));
    return [
      undefined,
      matmul(dScores, k, { factor }),
      matmul(dScores, q, { transposeA: true, factor }),
      matmul(weights, dy, { transposeA: true }),
    ];
  },
  lower: (_, [weights, , , v], emit) => emit.node('MatMul', [weights, v]),
};

/**
 * weights · v, for weights = `attentionWeights(q, k, factor)`: (B, H, T, S) and (B, H, S, d) → (B, H, T, d). The
 * gradient goes to queries and keys as well, through the weights.
 */
export function attend(weights: Value, q: Value, k: Value, v: Value, factor: number): Value {
  return apply(attendOp, [weights, q, k, v], { factor });
}
