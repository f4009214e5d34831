import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { gather } from '../graph/ops/gather.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { sub } from '../graph/ops/sub.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { replicated } from '../schedule/replicas.ts';
import { makeSchedule, type ScheduleCounts, type ScheduleName } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import type { Microbatch } from './microbatch-orders.ts';
import { randomStream, uniform } from './random.ts';
import { type TrainOptions, type TrainResult, train } from './train.ts';

const width = 6;
const rows = 3;
const blocks = 8;
const microbatchCount = 8;

/** Eight blocks: a table, six layers of which one skips to the end, a loss. */
function model(): Value {
  const graph = new Graph();
  const row = graph.input('row', 'int64', ['B']);
  const target = graph.input('target', 'float32', ['B', width]);
  let x = graph.block('table', () =>
    gather(graph.parameter('rows', [9, width], { kind: 'normal', deviation: 1 }), row),
  );
  const skipped = x;
  for (let i = 0; i < blocks - 2; i++) {
    x = graph.block(`layer${i}`, () => {
      const weight = graph.parameter('weight', [width, width], { kind: 'normal', deviation: width ** -0.5 });
      const bias = graph.parameter('bias', [width], { kind: 'zeros' });
      return mul(tanh(add(matmul(x, weight), bias)), graph.dropoutMask(['B', width], 0.1));
    });
  }
  return graph.block('loss', () => {
    const difference = sub(add(x, skipped), target);
    return reduceSum(mul(difference, difference), [0, 1]);
  });
}

function microbatches(step: number): Microbatch[] {
  return Array.from({ length: microbatchCount }, (_, m) => {
    const draw = randomStream(5, step, m);
    return {
      row: {
        data: BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(9 * uniform(draw)))),
        dims: [rows],
      },
      target: {
        data: Float32Array.from({ length: rows * width }, () => uniform(draw) - 0.5),
        dims: [rows, width],
      },
    };
  });
}

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([0, 1, 2, 3].map((index) => startChip(index)));
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
});

function options(schedule: TrainOptions['schedule'], clipNorm?: number): TrainOptions {
  const { stages } = schedule;
  return {
    loss: model(),
    // The first stages take what doesn't come out even.
    cuts: Array.from({ length: stages - 1 }, (_, i) => blocks - stages + i),
    schedule,
    chips,
    steps: 6,
    microbatches,
    learningRate: () => 0.01,
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01, clipNorm },
    bounds: { B: rows },
    seed: 3,
    averages: (step) => step >= 3,
  };
}

/** By chips; those with copies add gradients up in another order than one chip does. */
const bitForBit: [ScheduleName, number, ScheduleCounts][] = [2, 4].flatMap((count) =>
  (
    [
      ['gpipe', { stages: count }],
      ['1f1b', { stages: count }],
      ['1f1b-eager', { stages: count }],
      ['interleaved-1f1b', { stages: count, chunks: 2 }],
      ['zb-h1', { stages: count }],
      ['zb-h2', { stages: count }],
      ['zb-v', { stages: count }],
      ['dualpipev', { stages: 2 * count }],
    ] as const
  ).map(([name, counts]): [ScheduleName, number, ScheduleCounts] => [
    name,
    count,
    { ...counts, microbatches: microbatchCount },
  ]),
);

const withCopies: [string, number, TrainOptions['schedule']][] = [2, 4].flatMap((count) => [
  ['dualpipe', count, makeSchedule('dualpipe', { stages: count, microbatches: microbatchCount }).schedule],
  ['replicas', count, makeSchedule('replicas', { stages: count, microbatches: microbatchCount }).schedule],
  ...(count === 4
    ? ([
        [
          '2 × zb-h1',
          4,
          makeSchedule('zb-h1', { stages: 2, microbatches: microbatchCount, replicas: 2 }).schedule,
        ],
        ['2 × dualpipe', 4, replicated(makeSchedule('dualpipe', { stages: 2, microbatches: 4 }).schedule, 2)],
        [
          '2 × interleaved',
          4,
          makeSchedule('interleaved-1f1b', { stages: 2, microbatches: 8, replicas: 2 }).schedule,
        ],
      ] as [string, number, TrainOptions['schedule']][])
    : []),
]);

describe('every schedule trains the weights that one chip trains', () => {
  const one = (clipNorm?: number) =>
    options(sequential({ stages: 1, microbatches: microbatchCount }), clipNorm);
  let references: { clipNorm: number | undefined; reference: TrainResult }[];
  beforeAll(async () => {
    references = [];
    for (const clipNorm of [undefined, 0.5])
      references.push({ clipNorm, reference: await train(one(clipNorm)) });
  });

  test.each(bitForBit)('%s on %i chips, bit for bit', async (name, count, counts) => {
    const { schedule } = makeSchedule(name, counts);
    expect(schedule.chips).toHaveLength(count);
    const [{ reference }] = references;
    const found = await train(options(schedule));
    expect(found.losses).toEqual(reference.losses);
    expect(found.parameters).toEqual(reference.parameters);
    expect(reference.losses.at(-1)).toBeLessThan(reference.losses[0]);
  });

  test.each(withCopies)('%s on %i chips, to the order of additions', async (_, count, schedule) => {
    expect(schedule.chips).toHaveLength(count);
    for (const { clipNorm, reference } of references) {
      const found = await train(options(schedule, clipNorm));
      found.losses.forEach((loss, step) => {
        expect(loss / reference.losses[step]).toBeCloseTo(1, 5);
      });
      expect(Object.keys(found.parameters).sort()).toEqual(Object.keys(reference.parameters).sort());
      for (const [name, values] of Object.entries(reference.parameters)) {
        expect(found.parameters[name].length, name).toBe(values.length);
        // Weights move by the learning rate of 0.01 a step; rounding may turn a hundredth of a step.
        const furthest = found.parameters[name].reduce(
          (most, v, i) => Math.max(most, Math.abs(v - values[i])),
          0,
        );
        expect(furthest, name).toBeLessThan(1e-4);
      }
      // The copies agree with each other, and with themselves another time.
      const again = await train(options(schedule, clipNorm));
      expect(again.parameters).toEqual(found.parameters);
    }
  });

  test('the optimizer and its state are divided among the copies', async () => {
    const [{ reference: alone }] = references;
    const both = await train(options(makeSchedule('replicas', { stages: 2, microbatches: 8 }).schedule));
    const [whole, ...shares] = [alone, both].map(({ memory }) => memory.map(({ parameters }) => parameters));
    // Of five numbers an element (value, gradient, two moments, mean) three are divided.
    for (const share of shares[0]) expect(share / whole[0]).toBeCloseTo((2 + 3 / 2) / 5, 2);
  });
});
