import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly depth: number;
  readonly dtype: 'float32' | 'float64';
}

export const oneHotOp: Op<Attributes> = {
  name: 'oneHot',
  infer: ([indices], { depth, dtype }) => {
    if (indices.dtype !== 'int64') throw new ShapeMismatch('it takes int64');
    return { dtype, shape: [...indices.shape, depth] };
  },
  gradient: null,
  lower: ({ attributes: { depth, dtype } }, [indices], emit) => {
    const values = dtype === 'float32' ? Float32Array.of(0, 1) : Float64Array.of(0, 1);
    return emit.node(
      'OneHot',
      [indices, emit.integers([depth]), emit.constant({ data: values, dims: [2] }, dtype)],
      {
        axis: -1,
      },
    );
  },
};

/** Indices in [0, depth) of shape S as rows of zeros with a single one: (S…, depth). */
export function oneHot(indices: Value, depth: number, dtype: 'float32' | 'float64' = 'float32'): Value {
  return apply(oneHotOp, [indices], { depth, dtype });
}
