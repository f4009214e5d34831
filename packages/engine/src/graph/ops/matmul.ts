import { isFloating } from '../dtype.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { type Dim, ShapeMismatch, sameShape } from '../shape.ts';
import { flattenRows } from './flatten-rows.ts';

export interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: 'matmul',
  infer: ([a, b], { transposeA, transposeB }) => {
    if (a.dtype !== b.dtype || !isFloating(a.dtype))
      throw new ShapeMismatch('it takes floating-point numbers of one type');
    if (a.shape.length < 2 || b.shape.length < 2)
      throw new ShapeMismatch('both must have two dimensions or more');
    const [m, k] = lastTwo(a.shape, transposeA);
    const [k2, n] = lastTwo(b.shape, transposeB);
    if (k !== k2) throw new ShapeMismatch(`the inner dimensions ${k} and ${k2} differ`);
    const batch = a.shape.slice(0, -2);
    if (b.shape.length > 2 && !sameShape(batch, b.shape.slice(0, -2)))
      throw new ShapeMismatch('the leading dimensions differ');
    if (b.shape.length === 2 && batch.length > 0 && transposeA)
      throw new ShapeMismatch('only a matrix, or a batch against a batch, can be transposed at the left');
    return { dtype: a.dtype, shape: [...batch, m, n] };
  },
  gradient: ({ inputs: [a, b], attributes: { transposeA: ta, transposeB: tb } }, dy) => {
    const da = ta ? matmul(b, dy, { transposeA: tb, transposeB: true }) : matmul(dy, b, { transposeB: !tb });
    if (b.shape.length === 2 && a.shape.length > 2) {
      const [rows, dRows] = [flattenRows(a), flattenRows(dy)];
      return [da, tb ? matmul(dRows, rows, { transposeA: true }) : matmul(rows, dRows, { transposeA: true })];
    }
    const db = tb ? matmul(dy, a, { transposeA: true, transposeB: ta }) : matmul(a, dy, { transposeA: !ta });
    return [da, db];
  },
  lower: ({ inputs: [a, b], attributes: { transposeA, transposeB } }, names, emit) => {
    if (!transposeA && !transposeB) return emit.node('MatMul', names);
    if (a.shape.length === 2 && b.shape.length === 2)
      return emit.node('Gemm', names, { transA: Number(transposeA), transB: Number(transposeB) });
    if (a.dtype === 'float32')
      return emit.node(
        'FusedMatMul',
        names,
        { transA: Number(transposeA), transB: Number(transposeB) },
        'com.microsoft',
      );
    // The fused kernel is float32 only; float64 serves the gradient checks, where speed doesn't matter.
    const swapped = (name: string, value: Value) => {
      const perm = value.shape.map((_, axis) => axis);
      perm.push(...perm.splice(-2).reverse());
      return emit.node('Transpose', [name], { perm });
    };
    return emit.node('MatMul', [
      transposeA ? swapped(names[0], a) : names[0],
      transposeB ? swapped(names[1], b) : names[1],
    ]);
  },
};

function lastTwo(shape: readonly Dim[], transposed: boolean): [Dim, Dim] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** The matrix product: (…, M, K) × (K, N), or (…, M, K) × (…, K, N) with the same leading dimensions. */
export function matmul(a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value {
  return apply(matmulOp, [a, b], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
  });
}
