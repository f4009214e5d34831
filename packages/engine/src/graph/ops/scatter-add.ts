import { onnxTypes } from '../emitter.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch, sameShape } from '../shape.ts';
import { gather } from './gather.ts';

export const scatterAddOp: Op = {
  name: 'scatterAdd',
  infer: ([base, rows, updates]) => {
    if (rows.dtype !== 'int64' && rows.dtype !== 'int32')
      throw new ShapeMismatch('rows are named by integers');
    if (base.dtype !== updates.dtype) throw new ShapeMismatch('the element types differ');
    if (!sameShape(updates.shape, [...rows.shape, ...base.shape.slice(1)]))
      throw new ShapeMismatch('there must be one update for each row named');
    return { dtype: base.dtype, shape: base.shape };
  },
  gradient: ({ inputs: [, rows] }, dy) => [dy, undefined, gather(dy, rows)],
  lower: ({ inputs: [, rows] }, [base, rowsName, updates], emit) => {
    const wide = rows.dtype === 'int64' ? rowsName : emit.node('Cast', [rowsName], { to: onnxTypes.int64 });
    const indices = emit.node('Unsqueeze', [wide, emit.integers([rows.shape.length])]);
    return emit.node('ScatterND', [base, indices, updates], { reduction: 'add' });
  },
};

/** `base` with `updates` added to the rows named by `rows`; a row named twice receives both. */
export function scatterAdd(base: Value, rows: Value, updates: Value): Value {
  return apply(scatterAddOp, [base, rows, updates], undefined);
}
