import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { compileStages } from '../compile/stages.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { gather } from '../graph/ops/gather.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { makeSchedule } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { memoryOf } from './memory.ts';
import { randomStream, uniform } from './random.ts';
import { train } from './train.ts';

const width = 6;
const draw = randomStream(3, 'frozen');
const numbers = (count: number) => Float32Array.from({ length: count }, () => uniform(draw) - 0.5);
const base = { table: numbers(9 * width), first: numbers(width * width), last: numbers(width * width) };

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([startChip(0), startChip(1)]);
});
afterAll(() => Promise.all(chips.map((chip) => chip.close())));

/**
 * A table, a matrix with a small one beside it, another matrix. What is not trained is a frozen parameter, or else an
 * input that every microbatch brings along: two ways to the same numbers.
 */
function model(as: 'frozen' | 'input' | 'trained'): Value {
  const graph = new Graph({ trainable: as === 'trained' });
  const fixed = (name: keyof typeof base, rows: number) =>
    as === 'input'
      ? graph.input(name, 'float32', [rows, width])
      : graph.parameter(name, [rows, width], { kind: 'normal', deviation: 1 });
  const trained = (name: string) =>
    graph.parameter(name, [width, width], { kind: 'normal', deviation: 0.1 }, { trainable: true });
  const tokens = graph.input('tokens', 'int64', ['B']);
  const x = graph.block('one', () => gather(fixed('table', 9), tokens));
  const y = graph.block('two', () => tanh(add(matmul(x, fixed('first', width)), matmul(x, trained('low')))));
  const z = graph.block('three', () => matmul(y, fixed('last', width)));
  return graph.block('four', () => reduceSum(tanh(matmul(z, trained('head'))), [0, 1]));
}

const microbatches = (as: 'frozen' | 'input') => (step: number) =>
  [0, 1].map((m) => ({
    tokens: { data: BigInt64Array.from([step, step + m, 2 * m, 3], (i) => BigInt(i % 9)), dims: [4] },
    ...(as === 'input' && {
      table: { data: base.table, dims: [9, width] },
      first: { data: base.first, dims: [width, width] },
      last: { data: base.last, dims: [width, width] },
    }),
  }));

const initial = Object.fromEntries(
  Object.entries(base).map(([name, values], i) => [`${['one', 'two', 'three'][i]}.${name}`, values]),
);
const optimizer = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
const common = (as: 'frozen' | 'input') => ({
  loss: model(as),
  chips,
  steps: 6,
  microbatches: microbatches(as),
  learningRate: () => 0.05,
  optimizer,
  bounds: { B: 4 },
  seed: 5,
  ...(as === 'frozen' ? { initial } : {}),
});

describe('frozen parameters', () => {
  test('serve like inputs that never change, bit by bit, on one chip and in a pipeline', async () => {
    const alone = { cuts: [], schedule: sequential({ stages: 1, microbatches: 2 }) };
    const asInputs = await train({ ...common('input'), ...alone });
    const frozen = await train({ ...common('frozen'), ...alone });
    expect(Object.keys(frozen.parameters).sort()).toEqual(['four.head', 'two.low']);
    expect(frozen.parameters).toEqual(asInputs.parameters);
    expect(frozen.losses).toEqual(asInputs.losses);
    expect(new Set(frozen.losses).size).toBe(6);
    for (const cuts of [[0], [1], [2]]) {
      const { schedule } = makeSchedule('1f1b', { stages: 2, microbatches: 2 });
      const spread = await train({ ...common('frozen'), cuts, schedule });
      expect(spread.parameters).toEqual(asInputs.parameters);
    }
  });

  test('cost no gradient, and no more memory than their own numbers', () => {
    const [stage] = compileStages(model('frozen'), []);
    expect(stage!.parameters.map(({ name }) => name)).toEqual(['two.low', 'four.head']);
    expect(stage!.frozen.map(({ name }) => name)).toEqual(['one.table', 'two.first', 'three.last']);
    expect(stage!.backwardWeight!.outputs).toHaveLength(2);
    const schedule = sequential({ stages: 1, microbatches: 2 });
    const [memory] = memoryOf({ schedule, stages: [stage!], bounds: { B: 4 }, averages: false, optimizer });
    const [all] = memoryOf({
      schedule,
      stages: compileStages(model('trained'), []),
      bounds: { B: 4 },
      averages: false,
      optimizer,
    });
    const [own, others] = [2 * width * width, (9 + 2 * width) * width];
    expect(memory).toMatchObject({ parameters: 8 * own + 4 * others, optimizer: 8 * own });
    expect(all).toMatchObject({ parameters: 8 * (own + others), optimizer: 8 * (own + others) });
  });

  test('need no way back before the first trained parameter', () => {
    const stages = compileStages(model('frozen'), [0, 1, 2]);
    expect(stages.map(({ sendsGradients }) => sendsGradients.length)).toEqual([0, 0, 1, 1]);
    expect(stages.map(({ backwardWeight }) => backwardWeight !== undefined)).toEqual([
      ...[false, true, false, true],
    ]);
  });

  test('are taken from the start values when a run goes on from its checkpoint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kolben-frozen-'));
    try {
      const alone = { cuts: [], schedule: sequential({ stages: 1, microbatches: 2 }) };
      const checkpoint = { file: join(folder, 'run.safetensors'), everySteps: 2 };
      const whole = await train({ ...common('frozen'), ...alone });
      await train({ ...common('frozen'), ...alone, steps: 4, checkpoint });
      const resumed = await train({ ...common('frozen'), ...alone, checkpoint });
      expect(resumed.resumedAt).toBe(4);
      expect(resumed.parameters).toEqual(whole.parameters);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('are refused as start values of another size', async () => {
    const wrong = { ...initial, 'two.first': new Float32Array(3) };
    await expect(
      train({
        ...common('frozen'),
        cuts: [],
        schedule: sequential({ stages: 1, microbatches: 2 }),
        initial: wrong,
      }),
    ).rejects.toMatchObject({ code: 'train_initial' });
  });
});
