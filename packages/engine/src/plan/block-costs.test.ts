import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { tanh } from '../graph/ops/tanh.ts';
import type { TrainOptions } from '../run/train.ts';
import { measureBlocks } from './block-costs.ts';
import { partition } from './partition.ts';

const rows = 64;
const width = 256;

/** Two light blocks that share a parameter, a heavy one, a light one, and one that nothing uses. */
function model(): Value {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['B', 8]);
  const [shared, first] = graph.block('first', () => {
    const bias = graph.parameter('bias', [8], { kind: 'normal', deviation: 1 });
    return [bias, tanh(add(x, bias))];
  });
  const second = graph.block('second', () => tanh(add(first, shared)));
  const heavy = graph.block('heavy', () => {
    let y = matmul(second, graph.parameter('in', [8, width], { kind: 'normal', deviation: 1 }));
    for (let i = 0; i < 4; i++)
      y = tanh(matmul(y, graph.parameter(`weight${i}`, [width, width], { kind: 'normal', deviation: 0.1 })));
    return y;
  });
  graph.block('idle', () => tanh(heavy));
  return graph.block('loss', () => reduceSum(heavy, [0, 1]));
}

let chip: Chip;
beforeAll(async () => {
  chip = await startChip();
});
afterAll(() => chip.close());

const options = (): Pick<TrainOptions, 'chips' | 'optimizer' | 'bounds' | 'seed' | 'microbatches'> => ({
  chips: [chip],
  optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0 },
  bounds: { B: rows },
  seed: 0,
  microbatches: () =>
    [0, 1].map(() => ({ x: { data: new Float32Array(rows * 8).fill(0.5), dims: [rows, 8] } })),
});

test('every block that can be cut off has a cost of its own; the heavy one has the most', async () => {
  const { blocks, costs, cuts } = await measureBlocks({ ...options(), loss: model(), steps: 3, warmUp: 1 });
  expect(blocks).toEqual(['first', 'second', 'heavy', 'idle', 'loss']);
  expect(cuts).toEqual([0, 1, 2]);
  expect(costs.map((cost) => cost > 0)).toEqual([true, true, true, false, true]);
  expect(Math.max(...costs)).toBe(costs[2]);
  expect(partition(costs, 3, cuts)).toEqual([1, 2]);
});

test('a model that cannot be measured says why', async () => {
  await expect(measureBlocks({ ...options(), loss: model(), bounds: { B: 2 } })).rejects.toThrow(
    'Dimension B is 64 in step 0, above its bound of 2',
  );
});
