import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { gather } from '../graph/ops/gather.ts';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mul } from '../graph/ops/mul.ts';
import { oneHot } from '../graph/ops/one-hot.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { gpipe, oneFOneB, type Schedule, sequential } from '../schedule/index.ts';
import { randomStream, uniform } from './random.ts';
import { type Microbatch, type TrainOptions, train } from './train.ts';

const width = 8;
const classes = 3;

/** A table, two layers with a connection that skips the second, a head: every kind of crossing between stages. */
function model(dropout = 0.25): Value {
  const graph = new Graph();
  const rows = graph.input('rows', 'int64', ['R']);
  const weights = graph.input('weights', 'float32', ['B', 'R']);
  const labels = graph.input('labels', 'int64', ['B']);
  const exampleWeights = graph.input('exampleWeights', 'float32', ['B']);
  const dense = (x: Value, name: string, inputs: number, outputs: number) =>
    graph.scope(name, () => {
      const w = graph.parameter('weight', [inputs, outputs], { kind: 'normal', deviation: inputs ** -0.5 });
      return add(matmul(x, w), graph.parameter('bias', [outputs], { kind: 'zeros' }));
    });
  const embedded = graph.block('embed', () => {
    const table = graph.parameter('table', [20, width], { kind: 'normal', deviation: 1 });
    return matmul(weights, gather(table, rows, { unique: true }));
  });
  const first = graph.block('first', () => {
    const hidden = tanh(dense(embedded, 'dense', width, width));
    return dropout > 0 ? mul(hidden, graph.dropoutMask(['B', width], dropout)) : hidden;
  });
  const second = graph.block('second', () => tanh(dense(first, 'dense', width, width)));
  return graph.block('head', () => {
    const logits = dense(add(second, embedded), 'dense', width, classes);
    const likelihood = reduceSum(mul(logSoftmax(logits), oneHot(labels, classes)), [1]);
    return scale(reduceSum(mul(likelihood, exampleWeights), [0]), -1);
  });
}

const microbatchCount = 4;
const examples = 3;

function microbatches(step: number): Microbatch[] {
  return Array.from({ length: microbatchCount }, (_, m) => {
    const draw = randomStream(7, step, m);
    const rows = [...new Set(Array.from({ length: 6 }, () => Math.floor(uniform(draw) * 20)))].sort(
      (a, b) => a - b,
    );
    return {
      rows: { data: BigInt64Array.from(rows, BigInt), dims: [rows.length] },
      weights: {
        data: Float32Array.from({ length: examples * rows.length }, () => uniform(draw)),
        dims: [examples, rows.length],
      },
      labels: {
        data: BigInt64Array.from({ length: examples }, (_, i) => BigInt((rows[0] + i) % classes)),
        dims: [examples],
      },
      exampleWeights: {
        data: new Float32Array(examples).fill(1 / (examples * microbatchCount)),
        dims: [examples],
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

const options = (schedule: Schedule, cuts: number[]): TrainOptions => ({
  loss: model(),
  cuts,
  schedule,
  chips,
  steps: 12,
  microbatches,
  learningRate: (step) => 0.02 * (1 - step / 20),
  optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 0.5 },
  bounds: { B: examples, R: 6 },
  seed: 3,
});

describe('pipelines', () => {
  const shape = { microbatches: microbatchCount };
  test.each<[string, Schedule, number[]]>([
    ['1F1B on 2 chips', oneFOneB({ stages: 2, ...shape }), [1]],
    ['1F1B with eager gradients on 2 chips', oneFOneB({ stages: 2, eagerGradients: true, ...shape }), [1]],
    ['1F1B on 2 chips, cut elsewhere', oneFOneB({ stages: 2, ...shape }), [0]],
    ['1F1B on 3 chips', oneFOneB({ stages: 3, ...shape }), [0, 1]],
    ['1F1B on 4 chips', oneFOneB({ stages: 4, ...shape }), [0, 1, 2]],
    ['GPipe on 4 chips', gpipe({ stages: 4, ...shape }), [0, 1, 2]],
    ['two stages on one chip', sequential({ stages: 2, ...shape }), [1]],
  ])('%s gives bit for bit the weights of one chip', async (_, schedule, cuts) => {
    const one = await train(options(sequential({ stages: 1, ...shape }), []));
    const many = await train(options(schedule, cuts));
    expect(many.losses).toEqual(one.losses);
    expect(Object.keys(many.parameters).sort()).toEqual(Object.keys(one.parameters).sort());
    for (const [name, values] of Object.entries(one.parameters))
      expect(many.parameters[name], name).toEqual(values);
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0]);
  });

  test('every instruction of the latest steps is in the timeline, none overlaps another on its chip', async () => {
    const schedule = oneFOneB({ stages: 2, ...shape });
    const { timeline } = await train({ ...options(schedule, [1]), timelineSteps: 3 });
    for (const [chip, instructions] of schedule.chips.entries()) {
      const spans = timeline.spans.filter((span) => span.chip === chip).sort((a, b) => a.start - b.start);
      expect(spans.length).toBe(instructions.length * 3);
      for (let i = 1; i < spans.length; i++) expect(spans[i].start).toBeGreaterThanOrEqual(spans[i - 1].end);
    }
  });
});

describe('AdamW', () => {
  test('follows the published algorithm, computed in float64', async () => {
    const graph = new Graph();
    const slope = graph.input('slope', 'float32', [2]);
    const loss = graph.block('only', () => {
      const w = graph.parameter('w', [2], { kind: 'zeros' }, { weightDecay: true });
      return reduceSum(mul(w, slope), [0]);
    });
    const slopes = [
      [0.5, -2],
      [1.5, 0.25],
      [-0.75, 1],
      [0.1, -0.1],
    ];
    const optimizer = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1.2 };
    const rate = 0.05;
    const { parameters } = await train({
      loss,
      cuts: [],
      schedule: sequential({ stages: 1, microbatches: 1 }),
      chips,
      steps: slopes.length,
      microbatches: (step) => [{ slope: { data: Float32Array.from(slopes[step]), dims: [2] } }],
      learningRate: () => rate,
      optimizer,
      bounds: {},
      seed: 0,
      initial: { 'only.w': Float32Array.of(1, -1) },
      averageFrom: 2,
    });
    const w = [1, -1];
    const [m, v, mean] = [
      [0, 0],
      [0, 0],
      [0, 0],
    ];
    slopes.forEach((slope, step) => {
      const norm = Math.hypot(...slope);
      const clipped = slope.map((g) => g * Math.min(1, optimizer.clipNorm / norm));
      clipped.forEach((g, i) => {
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.98 * v[i] + 0.02 * g * g;
        const update = m[i] / (1 - 0.9 ** (step + 1)) / (Math.sqrt(v[i] / (1 - 0.98 ** (step + 1))) + 1e-8);
        w[i] -= rate * (update + optimizer.weightDecay * w[i]);
        if (step >= 2) mean[i] += w[i] / 2;
      });
    });
    // Steps of the size of the learning rate, in float32.
    parameters['only.w'].forEach((value, i) => {
      expect(value).toBeCloseTo(mean[i], 6);
    });
  });
});

describe('what cannot be trained', () => {
  const base = () => options(oneFOneB({ stages: 2, microbatches: microbatchCount }), [1]);

  test('more stages than blocks', async () => {
    const schedule = oneFOneB({ stages: 5, microbatches: microbatchCount });
    await expect(train({ ...base(), loss: model(), schedule, cuts: [0, 1, 2, 3] })).rejects.toThrow(
      'The model has 4 blocks and cannot be cut into 5 stages; use 4 or fewer.',
    );
  });

  test('more chips than there are', async () => {
    await expect(train({ ...base(), loss: model(), chips: chips.slice(1, 2) })).rejects.toThrow(
      'needs 2 chips and was given 1',
    );
  });

  test('an input of another shape', async () => {
    const broken = (step: number) =>
      microbatches(step).map((inputs) => ({ ...inputs, labels: { data: new BigInt64Array(2), dims: [2] } }));
    await expect(train({ ...base(), loss: model(), microbatches: broken })).rejects.toThrow(
      /Input "\w+" of step 0, microbatch 0 is \(\d\); the model expects \(B\)\./,
    );
  });

  test('an extent above its bound', async () => {
    await expect(train({ ...base(), loss: model(), bounds: { B: examples, R: 2 } })).rejects.toThrow(
      /Dimension R is \d in step 0, above its bound of 2/,
    );
  });

  test('a dimension without a bound', async () => {
    await expect(train({ ...base(), loss: model(), bounds: {} })).rejects.toThrow(
      /the dimension "B" is not bound; add it to `bounds`/,
    );
  });

  test('a loss that is not a number ends the run with the step, and the chips can be used again', async () => {
    const poisoned = (step: number) =>
      microbatches(step).map((inputs) => ({
        ...inputs,
        exampleWeights: {
          data: new Float32Array(examples).fill(step === 2 ? Number.NaN : 1),
          dims: [examples],
        },
      }));
    await expect(train({ ...base(), loss: model(), microbatches: poisoned })).rejects.toThrow(
      'The loss is NaN at step 2',
    );
    const { losses } = await train({ ...base(), loss: model(), steps: 1 });
    expect(losses.length).toBe(1);
  });

  test('an abort ends the run with its reason', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    await expect(
      train({
        ...base(),
        loss: model(),
        steps: 1000,
        signal: controller.signal,
        onStep: ({ step }) => {
          steps.push(step);
          if (step === 3) controller.abort(new Error('enough'));
        },
      }),
    ).rejects.toThrow('enough');
    expect(steps.length).toBeLessThan(10);
  });
});
