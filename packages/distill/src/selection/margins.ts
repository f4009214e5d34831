/**
 * How sure a quickly trained model is of each text: linear support vector machines on n-grams, one for each answer.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { trainLinearSvm } from '../baselines/linear-svm.ts';
import { dotRow, rowCount, type SparseRows } from '../baselines/sparse-rows.ts';

/**
 * Trains on some of the rows and judges all of them: by row the score of the best answer less that of the next, ≥ 0, small
 * where the model is unsure. The same rows, answers and seed give the same margins.
 *
 * @param learned rows, each with the number of its answer, 0 … answers − 1; two answers or more
 * @throws the signal's reason once it is aborted
 */
export async function marginsOf(
  rows: SparseRows,
  learned: ReadonlyMap<number, number>,
  answers: number,
  seed: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const taught = rowsOf(rows, [...learned.keys()]);
  const given = [...learned.values()];
  const n = rowCount(rows);
  const top = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const second = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  for (let answer = 0; answer < answers; answer++) {
    await setImmediate();
    signal?.throwIfAborted();
    const isPositive = Uint8Array.from(given, (other) => (other === answer ? 1 : 0));
    const { weights } = trainLinearSvm(taught, isPositive, { seed: seed + answer });
    const intercept = weights[rows.width]!;
    for (let row = 0; row < n; row++) {
      const score = dotRow(rows, row, weights) + intercept;
      if (score > top[row]!) {
        second[row] = top[row]!;
        top[row] = score;
      } else if (score > second[row]!) second[row] = score;
    }
  }
  return top.map((score, row) => score - second[row]!);
}

/** These rows, one after the other. */
function rowsOf({ starts, columns, values, width }: SparseRows, wanted: readonly number[]): SparseRows {
  const own = new Int32Array(wanted.length + 1);
  for (const [i, row] of wanted.entries()) own[i + 1] = own[i]! + starts[row + 1]! - starts[row]!;
  const taken: SparseRows = {
    starts: own,
    columns: new Int32Array(own.at(-1)!),
    values: new Float32Array(own.at(-1)!),
    width,
  };
  for (const [i, row] of wanted.entries()) {
    taken.columns.set(columns.subarray(starts[row]!, starts[row + 1]!), own[i]!);
    taken.values.set(values.subarray(starts[row]!, starts[row + 1]!), own[i]!);
  }
  return taken;
}
