import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';
import { reshapeLike } from './reshape-like.ts';

export const flattenRowsOp: Op = {
  name: 'flattenRows',
  infer: ([x]) => {
    if (x.shape.length < 2) throw new ShapeMismatch('it must have two dimensions or more');
    return { dtype: x.dtype, shape: [dimProduct(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]] };
  },
  gradient: ({ inputs: [x] }, dy) => [reshapeLike(dy, x)],
  lower: (_, inputs, emit) => emit.node('Flatten', inputs, { axis: -1 }),
};

/** (…, D) → (N, D): all leading dimensions become one. */
export function flattenRows(x: Value): Value {
  return x.shape.length === 2 ? x : apply(flattenRowsOp, [x], undefined);
}
