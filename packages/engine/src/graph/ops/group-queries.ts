import { apply, type Op, type Value } from '../graph.ts';
import { dimProduct, ShapeMismatch } from '../shape.ts';
import { reshapeLike } from './reshape-like.ts';

interface Attributes {
  readonly groups: number;
}

export const groupQueriesOp: Op<Attributes> = {
  name: 'groupQueries',
  infer: ([q], { groups }) => {
    const [rows, heads, length, width] = q.shape;
    if (q.shape.length !== 4 || typeof heads !== 'number' || heads % groups !== 0)
      throw new ShapeMismatch(`it takes (B, heads, T, width), heads a multiple of ${groups}`);
    return { dtype: q.dtype, shape: [rows, groups, dimProduct([heads / groups, length]), width] };
  },
  gradient: ({ inputs: [q] }, dy) => [reshapeLike(dy, q)],
  // A zero takes over the extent of the input.
  lower: ({ inputs: [q], attributes: { groups } }, [name], emit) =>
    emit.node('Reshape', [name, emit.integers([0, groups, -1, q.shape[3] as number])]),
};

/**
 * The queries of the heads that share keys, one head after the other, as rows of one: (B, H, T, d) → (B, G, H/G · T, d).
 * So a product with G heads of keys needs no copies of these (grouped-query attention, Ainslie et al., arXiv
 * 2305.13245).
 */
export function groupQueries(q: Value, groups: number): Value {
  return q.shape[1] === groups ? q : apply(groupQueriesOp, [q], { groups });
}
