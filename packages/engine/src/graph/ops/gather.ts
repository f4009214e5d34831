import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';
import { scatterAdd } from './scatter-add.ts';
import { zerosLike } from './zeros-like.ts';

export const gatherOp: Op = {
  name: 'gather',
  infer: ([table, rows]) => {
    if (rows.dtype !== 'int64' && rows.dtype !== 'int32')
      throw new ShapeMismatch('rows are named by integers');
    if (table.shape.length === 0) throw new ShapeMismatch('a single number has no rows');
    return { dtype: table.dtype, shape: [...rows.shape, ...table.shape.slice(1)] };
  },
  gradient: ({ inputs: [table, rows] }, dy) => [scatterAdd(zerosLike(table), rows, dy), undefined],
  lower: (_, inputs, emit) => emit.node('Gather', inputs, { axis: 0 }),
};

/** Rows of a table: (V, …) by int64 or int32 rows of any shape S → (S…, …). */
export function gather(table: Value, rows: Value): Value {
  return apply(gatherOp, [table, rows], undefined);
}
