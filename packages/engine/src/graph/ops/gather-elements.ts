import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis, ShapeMismatch } from '../shape.ts';
import { scatterElements } from './scatter-elements.ts';
import { zerosLike } from './zeros-like.ts';

interface Attributes {
  readonly axis: number;
}

export const gatherElementsOp: Op<Attributes> = {
  name: 'gatherElements',
  infer: ([x, indices], { axis }) => {
    if (indices.dtype !== 'int64') throw new ShapeMismatch('indices are int64');
    if (
      x.shape.length !== indices.shape.length ||
      x.shape.some((dim, i) => i !== axis && dim !== indices.shape[i])
    )
      throw new ShapeMismatch(`they differ in more than axis ${axis}`);
    return { dtype: x.dtype, shape: indices.shape };
  },
  gradient: ({ inputs: [x, indices], attributes: { axis } }, dy) => [
    scatterElements(zerosLike(x), indices, dy, { axis, reduction: 'add' }),
    undefined,
  ],
  lower: ({ attributes: { axis } }, inputs, emit) => emit.node('GatherElements', inputs, { axis }),
};

/** y[…, i, …] = x[…, indices[…, i, …], …] along `axis`; indices lie within the axis. */
export function gatherElements(x: Value, indices: Value, axis: number): Value {
  return apply(gatherElementsOp, [x, indices], () => ({ axis: resolveAxis(x.shape, axis) }));
}
