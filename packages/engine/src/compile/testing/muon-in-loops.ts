/**
 * Muon in plain loops and float64, written from the publications and not from the program.
 *
 * @module
 */

interface Numbers {
  readonly momentum: number;
  readonly clip: number;
  readonly rate: number;
  readonly keep: number;
}

/** Moves a (rows, columns) matrix and its momentum in place. */
export function muonInLoops(
  state: { readonly value: Float64Array; readonly sum: Float64Array },
  gradient: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  { momentum, clip, rate, keep }: Numbers,
): void {
  const ahead = new Float64Array(rows * columns);
  for (let i = 0; i < ahead.length; i++) {
    state.sum[i] = momentum * state.sum[i]! + clip * gradient[i]!;
    ahead[i] = clip * gradient[i]! + momentum * state.sum[i]!;
  }
  const orthogonal = newtonSchulz(ahead, rows, columns);
  for (let i = 0; i < ahead.length; i++) state.value[i] = keep * state.value[i]! - rate * orthogonal[i]!;
}

/** Always with the products of rows, which for a tall matrix are the larger ones. */
function newtonSchulz(given: Float64Array, rows: number, columns: number): Float64Array {
  const norm = Math.sqrt(given.reduce((sum, x) => sum + x * x, 0)) + 1e-7;
  let x = given.map((value) => value / norm);
  for (let step = 0; step < 5; step++) {
    const square = product(x, transposed(x, rows, columns), rows, columns, rows);
    const fourth = product(square, square, rows, rows, rows);
    const polynomial = square.map((value, i) => -4.775 * value + 2.0315 * fourth[i]!);
    const turned = product(polynomial, x, rows, rows, columns);
    x = x.map((value, i) => 3.4445 * value + turned[i]!);
  }
  return x;
}

function transposed(x: Float64Array, rows: number, columns: number): Float64Array {
  return x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

function product(a: Float64Array, b: Float64Array, m: number, k: number, n: number): Float64Array {
  const result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let inner = 0; inner < k; inner++) result[i * n + j]! += a[i * k + inner]! * b[inner * n + j]!;
    }
  }
  return result;
}
