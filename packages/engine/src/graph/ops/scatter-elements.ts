import { apply, type Op, type Value } from '../graph.ts';
import { resolveAxis, ShapeMismatch, sameShape } from '../shape.ts';
import { gatherElements } from './gather-elements.ts';
import { zerosLike } from './zeros-like.ts';

interface Attributes {
  readonly axis: number;
  readonly reduction: 'none' | 'add';
}

export const scatterElementsOp: Op<Attributes> = {
  name: 'scatterElements',
  infer: ([base, indices, updates], { axis }) => {
    if (indices.dtype !== 'int64') throw new ShapeMismatch('indices are int64');
    if (base.dtype !== updates.dtype) throw new ShapeMismatch('the element types differ');
    if (!sameShape(indices.shape, updates.shape))
      throw new ShapeMismatch('there must be one update for each index');
    if (
      base.shape.length !== indices.shape.length ||
      base.shape.some((dim, i) => i !== axis && dim !== indices.shape[i])
    )
      throw new ShapeMismatch(`they differ in more than axis ${axis}`);
    return { dtype: base.dtype, shape: base.shape };
  },
  gradient: ({ inputs: [, indices], attributes: { axis, reduction } }, dy) => {
    const ofUpdates = gatherElements(dy, indices, axis);
    if (reduction === 'add') return [dy, undefined, ofUpdates];
    return [scatterElements(dy, indices, zerosLike(ofUpdates), { axis }), undefined, ofUpdates];
  },
  lower: ({ attributes: { axis, reduction } }, inputs, emit) =>
    emit.node('ScatterElements', inputs, { axis, reduction }),
};

/**
 * `base` with y[…, indices[…, i, …], …] replaced by, or increased by, updates[…, i, …] along `axis`. Which of
 * several replacements of one element wins is not defined, and neither is its gradient.
 */
export function scatterElements(
  base: Value,
  indices: Value,
  updates: Value,
  options: { axis: number; reduction?: Attributes['reduction'] },
): Value {
  return apply(scatterElementsOp, [base, indices, updates], () => ({
    axis: resolveAxis(base.shape, options.axis),
    reduction: options.reduction ?? 'none',
  }));
}
