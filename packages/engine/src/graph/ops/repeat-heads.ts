import { apply, type Op, type Value } from '../graph.ts';
import { ShapeMismatch } from '../shape.ts';

interface Attributes {
  readonly times: number;
}

export const repeatHeadsOp: Op<Attributes> = {
  name: 'repeatHeads',
  infer: ([x], { times }) => {
    const heads = x.shape[1];
    if (x.shape.length !== 4 || typeof heads !== 'number')
      throw new ShapeMismatch('it takes (B, heads, T, width), heads known');
    return { dtype: x.dtype, shape: [x.shape[0], heads * times, ...x.shape.slice(2)] };
  },
  gradient: ({ attributes: { times } }, dy) => [apply(sumHeadsOp, [dy], { times })],
  lower: ({ inputs: [x], attributes: { times } }, [name], emit) => {
    const heads = x.shape[1] as number;
    const rows = Array.from({ length: heads * times }, (_, i) => Math.floor(i / times));
    return emit.node('Gather', [name, emit.integers(rows)], { axis: 1 });
  },
};

/** Every head `times` times in a row: (B, heads, T, d) → (B, heads · times, T, d). */
export function repeatHeads(x: Value, times: number): Value {
  return times === 1 ? x : apply(repeatHeadsOp, [x], { times });
}

/** The way back: (B, heads · times, T, d) → (B, heads, T, d), the sums of what belongs together. */
export const sumHeadsOp: Op<Attributes> = {
  name: 'sumHeads',
  infer: ([x], { times }) => ({
    dtype: x.dtype,
    shape: [x.shape[0], (x.shape[1] as number) / times, ...x.shape.slice(2)],
  }),
  gradient: ({ attributes: { times } }, dy) => [repeatHeads(dy, times)],
  lower: ({ inputs: [x], attributes: { times } }, [name], emit) => {
    const heads = (x.shape[1] as number) / times;
    const at = (member: number) =>
      emit.node(
        'Gather',
        [name, emit.integers(Array.from({ length: heads }, (_, i) => i * times + member))],
        {
          axis: 1,
        },
      );
    return emit.node(
      'Sum',
      Array.from({ length: times }, (_, member) => at(member)),
    );
  },
};
