import { apply, type Op, type Value } from '../graph.ts';
import { broadcastShapes, ShapeMismatch, sameShape } from '../shape.ts';

interface Attributes {
  readonly factor: number;
}

export const attentionWeightsOp: Op<Attributes> = {
  name: 'attentionWeights',
  infer: ([q, k, mask]) => {
    if (q.shape.length !== 4 || k.shape.length !== 4)
      throw new ShapeMismatch('queries and keys must be (B, heads, T, width)');
    if (!sameShape(q.shape.slice(0, 2), k.shape.slice(0, 2)) || q.shape[3] !== k.shape[3])
      throw new ShapeMismatch('queries and keys differ in more than their length');
    const shape = [...q.shape.slice(0, 3), k.shape[2]];
    if (mask && !sameShape(broadcastShapes(shape, mask.shape), shape))
      throw new ShapeMismatch('the mask does not fit queries and keys');
    return { dtype: q.dtype, shape };
  },
  // `attend` carries the gradient past the weights to queries and keys: it needs less memory than a softmax does.
  gradient: null,
  lower: ({ output, attributes: { factor } }, [q, k, mask], emit) => {
    const scores =
      output.dtype === 'float32'
        ? emit.node('FusedMatMul', [q, k], { transB: 1, alpha: { float: factor } }, 'com.microsoft')
        : emit.node('Mul', [
            emit.node('MatMul', [q, emit.node('Transpose', [k], { perm: [0, 1, 3, 2] })]),
            emit.scalar(factor, output.dtype),
          ]);
    return emit.node('Softmax', [mask === undefined ? scores : emit.node('Add', [scores, mask])], {
      axis: -1,
    });
  },
};

/**
 * softmax(factor · q · kᵀ + mask): (B, H, T, d) and (B, H, S, d) → (B, H, T, S). Only `attend` can be differentiated.
 */
export function attentionWeights(q: Value, k: Value, factor: number, mask?: Value): Value {
  return apply(attentionWeightsOp, mask ? [q, k, mask] : [q, k], { factor });
}
