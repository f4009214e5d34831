import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly permutation: readonly number[];
}

export const transposeOp: Op<Attributes> = {
  name: 'transpose',
  infer: ([x], { permutation }) => {
    if (permutation.length !== x.shape.length || new Set(permutation).size !== permutation.length)
      throw new ShapeMismatch(`(${permutation.join(', ')}) is no order of its axes`);
    return { dtype: x.dtype, shape: permutation.map((axis) => x.shape[axis]) };
  },
  gradient: ({ attributes: { permutation } }, dy) => [
    transpose(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  lower: ({ attributes }, [x], emit) => emit.node('Transpose', [x], { perm: attributes.permutation }),
};

/** Axis i of the result is axis `permutation[i]` of `x`. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return apply(transposeOp, [x], { permutation });
}
