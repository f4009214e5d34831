import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';
import { reshapeLike } from './reshape-like.ts';

export const flattenRowsOp: Op = {
  name: 'flattenRows',
  infer: ([x]) => {
    const last = x.shape.at(-1);
    if (typeof last !== 'number') throw new ShapeMismatch('the last dimension must be known');
    return { dtype: x.dtype, shape: [dimProduct(x.shape.slice(0, -1)), last] };
  },
  gradient: ({ inputs: [x] }, dy) => [reshapeLike(dy, x)],
  lower: ({ output }, [x], emit) => emit.node('Reshape', [x, emit.integers([-1, output.shape[1] as number])]),
};

/** (…, D) → (N, D): all leading dimensions become one. */
export function flattenRows(x: Value): Value {
  return x.shape.length === 2 ? x : apply(flattenRowsOp, [x], undefined);
}
