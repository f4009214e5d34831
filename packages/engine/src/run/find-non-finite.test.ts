import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { log } from '../graph/ops/log.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { findNonFinite } from './find-non-finite.ts';

let chip: Chip;
beforeAll(async () => {
  chip = await startChip();
});
afterAll(() => chip.close());

/** The logarithm of a product: of zero where the mask or the weights are. */
function model(): Value {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['B', 2]);
  return graph.block('head', () =>
    graph.scope('scores', () => {
      const weight = graph.parameter('weight', [2, 2], { kind: 'ones' });
      const y = matmul(mul(x, graph.dropoutMask(['B', 2], 0.25)), weight);
      return reduceSum(log(y), [0, 1]);
    }),
  );
}

const find = (numbers: number[], weights: number[]) =>
  findNonFinite({
    loss: model(),
    parameters: { 'head.scores.weight': Float32Array.from(weights) },
    inputs: { x: { data: Float32Array.from(numbers), dims: [numbers.length / 2, 2] } },
    extents: { B: numbers.length / 2 },
    seed: 1,
    step: 0,
    microbatch: 0,
    chip,
  });

test('an op is named with its place in the model, what it makes and the shapes that it takes', async () => {
  expect(await find([0, 0, 0, 0], [1, 1, 1, 1])).toBe('log at "head/scores" makes -Infinity of (2, 2)');
});

test('an overflow is found where it happens, not where it becomes NaN', async () => {
  const large = Array.from({ length: 64 }, () => 3e38);
  expect(await find(large, [9, -9, 9, -9])).toMatch(
    /^(mul|matmul) at "head\/scores" makes -?Infinity of \(32, 2\) and /,
  );
});

test('what was given is named before what was made of it', async () => {
  expect(await find([1, Number.NaN], [1, 1, 1, 1])).toBe('the input "x" (1, 2) holds NaN');
  expect(await find([1, 1], [1, 1, Number.POSITIVE_INFINITY, 1])).toBe(
    'the parameter "head.scores.weight" (2, 2) holds Infinity',
  );
});

test('nothing is found where everything is finite', async () => {
  expect(await find([5, 6, 7, 8, 9, 10, 11, 12], [1, 1, 1, 1])).toBeUndefined();
});
