import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';
import { scatterAdd } from './scatter-add.ts';
import { zerosLike } from './zeros-like.ts';

export interface GatherAttributes {
  /** No row is taken twice, so that the gradient need not add. */
  readonly unique: boolean;
}

export const gatherOp: Op<GatherAttributes> = {
  name: 'gather',
  infer: ([table, rows]) => {
    if (rows.dtype !== 'int64' && rows.dtype !== 'int32')
      throw new ShapeMismatch('rows are named by integers');
    if (table.shape.length === 0) throw new ShapeMismatch('a single number has no rows');
    return { dtype: table.dtype, shape: [...rows.shape, ...table.shape.slice(1)] };
  },
  gradient: ({ inputs: [table, rows], attributes }, dy) => [
    scatterAdd(zerosLike(table), rows, dy, attributes),
    undefined,
  ],
  lower: (_, inputs, emit) => emit.node('Gather', inputs, { axis: 0 }),
};

/**
 * Rows of a table: (V, …) by int64 or int32 rows of any shape S → (S…, …).
 * `unique` promises that no row is taken twice, which makes the gradient cheaper.
 */
export function gather(table: Value, rows: Value, options: Partial<GatherAttributes> = {}): Value {
  return apply(gatherOp, [table, rows], { unique: options.unique ?? false });
}
