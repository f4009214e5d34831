import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { toHalves } from '../formats/half.ts';
import { Graph } from '../graph/graph.ts';
import { gather } from '../graph/ops/gather.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { randomStream, uniform } from '../run/random.ts';
import { type PackedTensor, quantiseRows } from './packed-tensor.ts';
import { emitProgram } from './program.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip();
});
afterAll(() => chip.close());

const [rows, columns] = [300, 16];
const draw = randomStream(1);
const table = Float32Array.from(
  { length: rows * columns },
  (_, i) => (uniform(draw) - 0.5) * 10 ** (Math.floor(i / columns) % 5),
).fill(0, 0, columns);
const wanted = BigInt64Array.of(0n, 7n, 299n, 7n, 4n);

/** Rows of a packed table, and its product with a matrix of ones on the diagonal, which needs all of it. */
async function unpacked(packed: PackedTensor) {
  const graph = new Graph();
  const value = graph.parameter('table', [rows, columns], { kind: 'zeros' });
  const chosen = gather(value, graph.input('rows', 'int64', ['N']));
  const whole = matmul(value, graph.input('diagonal', 'float32', [columns, columns]));
  const program = emitProgram({
    name: 'packed',
    outputs: [
      { value: chosen, name: 'chosen' },
      { value: whole, name: 'whole' },
    ],
    packed: new Map([[value, packed]]),
  });
  expect(program.inputs.map(({ name }) => name).sort()).toEqual(['diagonal', 'rows']);
  const diagonal = Float32Array.from({ length: columns ** 2 }, (_, i) => Number(i % (columns + 1) === 0));
  const loaded = await chip.load(program.onnx);
  const outputs = await loaded.run({
    rows: { data: wanted, dims: [wanted.length] },
    diagonal: { data: diagonal, dims: [columns, columns] },
  });
  await loaded.release();
  return {
    bytes: program.onnx.length,
    chosen: outputs.chosen.data as Float32Array,
    whole: outputs.whole.data as Float32Array,
  };
}

const packings = {
  float16: { kind: 'float16', data: toHalves(table, 'F16'), dims: [rows, columns] },
  int8: quantiseRows(table, [rows, columns], 8),
  int4: quantiseRows(table, [rows, columns], 4),
} satisfies Record<string, PackedTensor>;

describe('packed tensors', () => {
  test.each([
    ['float16', 2 ** -11, 2],
    ['int8', 0.5 / 127, 1],
    ['int4', 0.5 / 7, 0.5],
  ] as const)(
    '%s: no number moves by more than half a step, looked up or as a whole',
    async (kind, step, bytes) => {
      const { chosen, whole, bytes: size } = await unpacked(packings[kind]);
      for (let row = 0; row < rows; row++) {
        const values = table.subarray(row * columns, (row + 1) * columns);
        const limit = step * Math.max(...values.map(Math.abs)) * 1.0001;
        values.forEach((value, c) => {
          expect(Math.abs(whole[row * columns + c] - value)).toBeLessThanOrEqual(limit);
        });
      }
      wanted.forEach((row, i) => {
        const from = Number(row) * columns;
        expect(chosen.subarray(i * columns, (i + 1) * columns)).toEqual(whole.subarray(from, from + columns));
      });
      expect(size).toBeLessThan(rows * columns * bytes + rows * 4 + 2000);
    },
  );

  test('whole numbers below 2^16 in two bytes', async () => {
    const graph = new Graph();
    const numbers = Int32Array.of(0, 1, 40_000, 65_535);
    const value = graph.constant({ data: numbers, dims: [4] }, 'int32');
    const chosen = gather(value, graph.input('rows', 'int64', ['N']));
    const { onnx } = emitProgram({
      name: 'packed',
      outputs: [{ value: chosen, name: 'chosen' }],
      packed: new Map([[value, { kind: 'uint16', data: Uint16Array.from(numbers), dims: [4] }]]),
    });
    const loaded = await chip.load(onnx);
    const outputs = await loaded.run({ rows: { data: BigInt64Array.of(3n, 2n, 0n), dims: [3] } });
    expect(outputs.chosen.data).toEqual(Int32Array.of(65_535, 40_000, 0));
    await loaded.release();
  });

  test('refuses what has no rows, or no halves of rows', () => {
    expect(() => quantiseRows(new Float32Array(8), [2, 2, 2], 8)).toThrow(RangeError);
    expect(() => quantiseRows(new Float32Array(6), [2, 3], 4)).toThrow(RangeError);
  });
});
