import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';
import { splitHeads } from './split-heads.ts';

export const mergeHeadsOp: Op = {
  name: 'mergeHeads',
  infer: ([x, like]) => {
    const [rows, heads, length, width] = x.shape;
    if (x.shape.length !== 4 || typeof heads !== 'number' || typeof width !== 'number')
      throw new ShapeMismatch('it takes (B, heads, T, width), heads and width known');
    if (like.shape.length !== 2 || like.shape[0] !== rows || like.shape[1] !== length)
      throw new ShapeMismatch('the second must be (B, T) of the first');
    return { dtype: x.dtype, shape: [dimProduct([rows, length]), heads * width] };
  },
  gradient: ({ inputs: [x, like] }, dy) => [splitHeads(dy, like, x.shape[1] as number), undefined],
  lower: ({ output }, [x], emit) =>
    emit.node('Reshape', [
      emit.node('Transpose', [x], { perm: [0, 2, 1, 3] }),
      emit.integers([-1, output.shape[1] as number]),
    ]),
};

/** (B, heads, T, d) → (B·T, heads · d); `like` is any (B, T), whose elements don't matter. */
export function mergeHeads(x: Value, like: Value): Value {
  return apply(mergeHeadsOp, [x, like], undefined);
}
