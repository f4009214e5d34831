import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';
import { mergeHeads } from './merge-heads.ts';

interface Attributes {
  readonly heads: number;
}

export const splitHeadsOp: Op<Attributes> = {
  name: 'splitHeads',
  infer: ([x, like], { heads }) => {
    const [rows, columns] = x.shape;
    if (x.shape.length !== 2 || typeof columns !== 'number' || columns % heads !== 0)
      throw new ShapeMismatch(`it takes rows that are ${heads} heads wide`);
    if (like.shape.length !== 2 || dimProduct(like.shape) !== rows)
      throw new ShapeMismatch('the rows must be those of the second, one after the other');
    return { dtype: x.dtype, shape: [like.shape[0], heads, like.shape[1], columns / heads] };
  },
  gradient: ({ inputs: [, like] }, dy) => [mergeHeads(dy, like), undefined],
  lower: ({ inputs: [x, like], attributes: { heads } }, [name, likeName], emit) => {
    const width = (x.shape[1] as number) / heads;
    const length = like.shape[1];
    const shape =
      typeof length === 'number'
        ? emit.integers([-1, length, heads, width])
        : emit.node('Concat', [emit.node('Shape', [likeName]), emit.integers([heads, width])], { axis: 0 });
    return emit.node('Transpose', [emit.node('Reshape', [name, shape])], { perm: [0, 2, 1, 3] });
  },
};

/** (B·T, heads · d) → (B, heads, T, d); `like` is any (B, T), whose elements don't matter. */
export function splitHeads(x: Value, like: Value, heads: number): Value {
  return apply(splitHeadsOp, [x, like], { heads });
}
