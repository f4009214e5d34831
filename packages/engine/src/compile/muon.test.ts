import { describe, expect, test } from 'vitest';
import { chipTensor, Kernel } from '../chips/kernel.ts';
import { fillNormal, randomStream } from '../run/random.ts';
import { muonProgram, muonRate } from './muon.ts';
import { muonInLoops } from './testing/muon-in-loops.ts';

const momentum = 0.95;
const shapes = [
  [8, 8],
  [5, 12],
  [12, 5],
  [1, 7],
  [7, 1],
  [64, 176],
];

function normal(length: number, deviation: number, ...name: (string | number)[]): Float32Array {
  const values = new Float32Array(length);
  fillNormal(values, deviation, randomStream('muon', ...name));
  return values;
}

/** Moves a matrix in place, as a chip does. */
async function step(
  kernel: Kernel,
  shape: readonly number[],
  { value, gradient, sum }: Record<'value' | 'gradient' | 'sum', Float32Array>,
  numbers: Record<'clip' | 'rate' | 'keep', number>,
): Promise<void> {
  const [parameter, slope, mass] = [value, gradient, sum].map((data) => chipTensor('float32', data, shape));
  const given = Object.fromEntries(
    Object.entries(numbers).map(([name, of]) => [name, chipTensor('float32', Float32Array.of(of), [])]),
  );
  await kernel.runInto(
    { parameter, gradient: slope, momentum: mass, ...given },
    { 'parameter.next': parameter, 'momentum.next': mass },
  );
}

describe('Muon', () => {
  test.each(shapes)('of a (%i, %i) matrix does what plain loops in float64 do', async (rows, columns) => {
    const kernel = await Kernel.load(muonProgram({ momentum }, rows <= columns ? 'wide' : 'tall').onnx);
    const value = normal(rows * columns, 0.1, 'value');
    const sum = new Float32Array(rows * columns);
    const expected = { value: Float64Array.from(value), sum: new Float64Array(rows * columns) };
    for (let i = 0; i < 4; i++) {
      // Gradients are small numbers, of very different sizes from step to step.
      const gradient = normal(rows * columns, 10 ** -i, 'gradient', i);
      const numbers = { clip: 0.5, rate: muonRate([rows, columns], 0.01), keep: 0.999 };
      await step(kernel, [rows, columns], { value, gradient, sum }, numbers);
      muonInLoops(expected, gradient, [rows, columns], { momentum, ...numbers });
      for (const [j, mass] of expected.sum.entries()) expect(sum[j]).toBeCloseTo(mass, 5);
      for (const [j, v] of expected.value.entries()) expect(value[j], `step ${i}`).toBeCloseTo(v, 5);
    }
    await kernel.release();
  });

  test.each(['wide', 'tall'] as const)('brings all singular values near 1, %s', async (side) => {
    // Orthogonal rows of a Hadamard matrix times numbers: its singular values are those numbers.
    const size = 16;
    const sizes = Array.from({ length: size }, (_, i) => 10 ** (-i / 8));
    const sign = (i: number, j: number) => ((i & j).toString(2).replaceAll('0', '').length % 2 ? -1 : 1);
    const gradient = Float32Array.from(
      { length: size * size },
      (_, at) => (sizes[Math.floor(at / size)]! * sign(Math.floor(at / size), at % size)) / Math.sqrt(size),
    );
    const kernel = await Kernel.load(muonProgram({ momentum }, side).onnx);
    const [value, sum] = [new Float32Array(size * size), new Float32Array(size * size)];
    await step(kernel, [size, size], { value, gradient, sum }, { clip: 1, rate: 1, keep: 1 });
    await kernel.release();
    for (let i = 0; i < size; i++) {
      const row = value.subarray(i * size, (i + 1) * size);
      const norm = Math.hypot(...row);
      expect(norm).toBeGreaterThan(0.65);
      expect(norm).toBeLessThan(1.25);
      for (const [j, v] of row.entries()) expect(v / norm).toBeCloseTo(-sign(i, j) / Math.sqrt(size), 3);
    }
  });

  test('leaves a matrix without gradient to its decay', async () => {
    const kernel = await Kernel.load(muonProgram({ momentum }, 'wide').onnx);
    const value = Float32Array.of(1, -2, 3, 4);
    const [gradient, sum] = [new Float32Array(4), new Float32Array(4)];
    await step(kernel, [2, 2], { value, gradient, sum }, { clip: 1, rate: 0.1, keep: 0.5 });
    await kernel.release();
    expect([...value]).toEqual([0.5, -1, 1.5, 2]);
  });
});
