import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chip, startChip } from '../../chips/chip.ts';
import { emitProgram } from '../../compile/program.ts';
import { Graph, GraphError } from '../graph.ts';
import { range } from './range.ts';
import { reduceMax } from './reduce-max.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip();
});
afterAll(() => chip.close());

test('counts up to what the program finds, one number at the least and as many as it may at the most', async () => {
  const counts = new Graph().input('counts', 'int64', ['B']);
  const numbers = range(reduceMax(counts, [0]), { atMost: 5, dim: 'N' });
  expect(numbers.shape).toEqual(['N']);
  const { onnx } = emitProgram({ name: 'range', outputs: [{ value: numbers, name: 'numbers' }] });
  const program = await chip.load(onnx);
  for (const [found, wanted] of [
    [[0n], [0n]],
    [
      [3n, 1n],
      [0n, 1n, 2n],
    ],
    [
      [2n, 5n],
      [0n, 1n, 2n, 3n, 4n],
    ],
    [[9n], [0n, 1n, 2n, 3n, 4n]],
  ]) {
    const outputs = await program.run({
      counts: { data: BigInt64Array.from(found), dims: [found.length] },
    });
    expect([...outputs.numbers.data]).toEqual(wanted);
  }
  await program.release();
});

test('takes a single whole number only', () => {
  const graph = new Graph();
  const options = { atMost: 5, dim: 'N' };
  expect(() => range(graph.input('many', 'int64', ['B']), options)).toThrow(GraphError);
  expect(() => range(graph.input('real', 'float32', []), options)).toThrow(GraphError);
});
