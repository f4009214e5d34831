import { onnxTypes } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';

export const zerosLikeOp: Op = {
  name: 'zerosLike',
  infer: ([like]) => ({ dtype: like.dtype, shape: like.shape }),
  gradient: () => [undefined],
  lower: ({ output }, [like], emit) => {
    const zero = emit.node('ConstantOfShape', [emit.node('Shape', [like])]);
    return output.dtype === 'float32' ? zero : emit.node('Cast', [zero], { to: onnxTypes[output.dtype] });
  },
};

/** Zeros in the shape and type of `like`. */
export function zerosLike(like: Value): Value {
  return apply(zerosLikeOp, [like], undefined);
}
