import { isFloating } from '../dtype.ts';
import { apply, type Op, type Value } from '../graph.ts';
import { type Dim, ShapeMismatch, sameShape } from '../shape.ts';
import { flattenRows } from './flatten-rows.ts';

/** How `matmul` takes its operands. */
export interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** A number that the product is multiplied by; default 1. */
  readonly factor: number;
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
  gradient: ({ inputs: [a, b], attributes: { transposeA: ta, transposeB: tb, factor } }, dy) => {
    const product = (x: Value, y: Value, transposeA: boolean, transposeB: boolean) =>
      matmul(x, y, { transposeA, transposeB, factor });
    const da = ta ? product(b, dy, tb, true) : product(dy, b, false, !tb);
    if (b.shape.length === 2 && a.shape.length > 2) {
      const [rows, dRows] = [flattenRows(a), flattenRows(dy)];
      return [da, tb ? product(dRows, rows, true, false) : product(rows, dRows, true, false)];
    }
    return [da, tb ? product(dy, a, true, ta) : product(a, dy, !ta, false)];
  },
  lower: ({ inputs: [a, b], attributes: { transposeA, transposeB, factor } }, names, emit) => {
    if (!transposeA && !transposeB && factor === 1) return emit.node('MatMul', names);
    const attributes = {
      transA: Number(transposeA),
      transB: Number(transposeB),
      ...(factor === 1 ? {} : { alpha: { float: factor } }),
    };
    if (a.shape.length === 2 && b.shape.length === 2) return emit.node('Gemm', names, attributes);
    if (a.dtype === 'float32') return emit.node('FusedMatMul', names, attributes, 'com.microsoft');
    // The fused kernel is float32 only; float64 serves the gradient checks, where speed doesn't matter.
    const swapped = (name: string, value: Value) => {
      const perm = value.shape.map((_, axis) => axis);
      perm.push(...perm.splice(-2).reverse());
      return emit.node('Transpose', [name], { perm });
    };
    const product = emit.node('MatMul', [
      transposeA ? swapped(names[0], a) : names[0],
      transposeB ? swapped(names[1], b) : names[1],
    ]);
    return factor === 1 ? product : emit.node('Mul', [product, emit.scalar(factor, a.dtype)]);
  },
};

function lastTwo(shape: readonly Dim[], transposed: boolean): [Dim, Dim] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** The matrix product, by default unscaled: (…, M, K) × (K, N), or (…, M, K) × (…, K, N) with the same leading dimensions. */
export function matmul(a: Value, b: Value, options: Partial<MatmulAttributes> = {}): Value {
  return apply(matmulOp, [a, b], {
    transposeA: options.transposeA ?? false,
    transposeB: options.transposeB ?? false,
    factor: options.factor ?? 1,
  });
}
