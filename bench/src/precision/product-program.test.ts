import { randomStream, startChip, uniform } from '@kolben/engine';
import { expect, test } from 'vitest';
import { productProgram } from './product-program.ts';

const shape = { name: 'small', rows: 6, inputs: 16, hidden: 40 };

test('fewer bits make the same products, nearly', async () => {
  const chip = await startChip();
  const draw = randomStream(1);
  const x = {
    data: Float32Array.from({ length: shape.rows * shape.inputs }, () => uniform(draw)),
    dims: [shape.rows, shape.inputs],
  };
  const answers = async (way: Parameters<typeof productProgram>[0]) => {
    const program = await chip.load(productProgram(way, shape, 2));
    const { y } = await program.run({ x });
    await program.release();
    expect(y.dims).toEqual(x.dims);
    return y.data as Float32Array;
  };
  const exact = await answers('float32');
  const largest = Math.max(...exact);
  expect(largest).toBeGreaterThan(0.1);
  for (const [way, tolerance] of [
    ['float16, MatMul', 2e-3],
    ['float16, Gemm', 2e-3],
    ['int8, MatMulInteger', 0.1],
  ] as const) {
    const found = await answers(way);
    // Other numbers, but not by more than the bits explain.
    expect(found, way).not.toEqual(exact);
    for (const [i, value] of exact.entries())
      expect(Math.abs(found[i]! - value) / largest, way).toBeLessThan(tolerance);
  }
  await chip.close();
});
