import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, chipOn, startChip } from '../chips/chip.ts';
import { Graph, scalar, type Value } from '../graph/graph.ts';
import { add } from '../graph/ops/add.ts';
import { flattenRows } from '../graph/ops/flatten-rows.ts';
import { gather } from '../graph/ops/gather.ts';
import { logSoftmax } from '../graph/ops/log-softmax.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { mod } from '../graph/ops/mod.ts';
import { mul } from '../graph/ops/mul.ts';
import { oneHot } from '../graph/ops/one-hot.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { scale } from '../graph/ops/scale.ts';
import { tanh } from '../graph/ops/tanh.ts';
import { gpipe, oneFOneB, type Schedule, sequential } from '../schedule/index.ts';
import type { Microbatch } from './microbatch-orders.ts';
import { randomStream, uniform } from './random.ts';
import { type TrainOptions, type TrainResult, train } from './train.ts';

const width = 8;
const classes = 3;

/** A table, two layers with a connection that skips the second, a head: every kind of crossing between stages. */
function model(dropout = 0.25, rowsOf = (rows: Value) => rows): Value {
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
    return matmul(weights, gather(table, rowsOf(rows)));
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
  let one: TrainResult;
  beforeAll(async () => {
    one = await train(options(sequential({ stages: 1, ...shape }), []));
  });

  test.each<[string, Schedule, number[]]>([
    ['1F1B on 2 chips', oneFOneB({ stages: 2, ...shape }), [1]],
    ['1F1B with eager gradients on 2 chips', oneFOneB({ stages: 2, eagerGradients: true, ...shape }), [1]],
    ['1F1B on 2 chips, cut elsewhere', oneFOneB({ stages: 2, ...shape }), [0]],
    ['1F1B on 3 chips', oneFOneB({ stages: 3, ...shape }), [0, 1]],
    ['1F1B on 4 chips', oneFOneB({ stages: 4, ...shape }), [0, 1, 2]],
    ['GPipe on 4 chips', gpipe({ stages: 4, ...shape }), [0, 1, 2]],
    ['two stages on one chip', sequential({ stages: 2, ...shape }), [1]],
  ])('%s gives bit for bit the weights of one chip', async (_, schedule, cuts) => {
    const many = await train(options(schedule, cuts));
    expect(many.losses).toEqual(one.losses);
    expect(Object.keys(many.parameters).sort()).toEqual(Object.keys(one.parameters).sort());
    for (const [name, values] of Object.entries(one.parameters))
      expect(many.parameters[name], name).toEqual(values);
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0]);
  });

  test('the same seed gives the same weights twice, another seed others', async () => {
    const two = () => options(oneFOneB({ stages: 2, ...shape }), [1]);
    const [once, again, other] = [await train(two()), await train(two()), await train({ ...two(), seed: 4 })];
    expect(again.parameters).toEqual(once.parameters);
    expect(again.losses).toEqual(once.losses);
    for (const [name, values] of Object.entries(once.parameters))
      expect(other.parameters[name], name).not.toEqual(values);
  });

  test('a tensor whose rows are a product of dimensions crosses to a chip that is given neither', async () => {
    const flat = () => {
      const graph = new Graph();
      const x = graph.input('x', 'float32', ['B', 'T', width]);
      const first = graph.block('first', () => {
        const scaled = mul(x, graph.parameter('gain', [width], { kind: 'normal', deviation: 1 }));
        return flattenRows(scaled);
      });
      return graph.block('second', () => {
        const weight = graph.parameter('weight', [width, 2], { kind: 'normal', deviation: 1 });
        return reduceSum(tanh(matmul(first, weight)), [0, 1]);
      });
    };
    const given = (step: number) =>
      Array.from({ length: microbatchCount }, (_, m) => {
        const dims = [2, 1 + ((step + m) % 3), width];
        const data = Float32Array.from({ length: dims[0] * dims[1] * dims[2] }, (_, i) => Math.sin(i + m));
        return { x: { data, dims } };
      });
    const base = { microbatches: given, bounds: { B: 2, T: 3 } };
    const one = await train({
      ...options(sequential({ stages: 1, ...shape }), []),
      ...base,
      loss: flat(),
    });
    const two = await train({ ...options(oneFOneB({ stages: 2, ...shape }), [0]), ...base, loss: flat() });
    expect(two.parameters).toEqual(one.parameters);
  });

  test('inputs stay with whoever made them, and may be parts of larger arrays', async () => {
    const all = microbatches(0);
    const parts = (step: number) =>
      (step === 0 ? all : microbatches(0)).map((inputs) => {
        const { data, dims } = inputs.weights;
        const larger = new Float32Array(data.length + 100);
        larger.set(data as Float32Array, 50);
        return { ...inputs, weights: { data: larger.subarray(50, 50 + data.length), dims } };
      });
    const schedule = oneFOneB({ stages: 2, ...shape });
    const same = await train({ ...options(schedule, [1]), steps: 4, microbatches: () => all });
    const again = await train({ ...options(schedule, [1]), steps: 4, microbatches: parts });
    expect(again.losses).toEqual(same.losses);
    expect(all[0].weights.data.length).toBe(all[0].weights.dims[0] * all[0].weights.dims[1]);
  });

  test('memory for activations does not grow with the number of steps', async () => {
    const same = microbatches(0);
    for (const schedule of [sequential({ stages: 3, ...shape }), gpipe({ stages: 3, ...shape })]) {
      const after = async (steps: number) =>
        (
          await train({
            ...options(schedule, [0, 1]),
            steps,
            microbatches: () => same,
            learningRate: () => 0.01,
          })
        ).memory;
      expect(await after(30)).toEqual(await after(2));
    }
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

describe('a run that fails', () => {
  const base = () => options(oneFOneB({ stages: 2, microbatches: microbatchCount }), [1]);
  const works = async (some: readonly Chip[]) =>
    expect((await train({ ...base(), chips: some, steps: 1 })).losses.length).toBe(1);

  test('because a chip dies says so once, and leaves the other chips in order', async () => {
    const dying = () => chipOn(new URL('../chips/testing/dying-worker.ts', import.meta.url), 7);
    // The chip that waits for it, and the one for which it waits.
    for (const place of [0, 1, 2]) {
      const some = [chips[0], chips[1], chips[2]];
      some[place] = dying();
      const schedule = oneFOneB({ stages: 3, microbatches: microbatchCount });
      await expect(train({ ...options(schedule, [0, 1]), chips: some })).rejects.toThrow(
        'Chip 7 died: out of power',
      );
      await some[place].close();
    }
    await works(chips);
  });

  test('while an earlier step is still being finished', async () => {
    // Nobody waits for step 1 yet when it fails; an unhandled rejection would fail this test file.
    const failing = (step: number) =>
      step === 1
        ? microbatches(step).map((inputs) => ({
            ...inputs,
            rows: { data: new BigInt64Array(1).fill(99n), dims: [1] },
            weights: { data: new Float32Array(examples), dims: [examples, 1] },
          }))
        : microbatches(step);
    const onStep = () => new Promise<void>((resolve) => setTimeout(resolve, 100));
    // Rows that are computed are known only to the kernel that takes them.
    const loss = model(0.25, (rows) => mod(rows, scalar(rows, 100)));
    await expect(train({ ...base(), loss, microbatches: failing, onStep })).rejects.toThrow(
      /^Chip 0: program F0 failed: .*indices element out of data bounds, idx=99/,
    );
    await works(chips);
  });

  test.each(['microbatches', 'learningRate', 'onStep'] as const)('because %s throws', async (name) => {
    const broken = (argument: number | { step: number }) => {
      const step = typeof argument === 'number' ? argument : argument.step;
      if (step === 2) throw new Error('broken');
      return { microbatches: microbatches(step), learningRate: 0.01, onStep: undefined }[name];
    };
    await expect(train({ ...base(), [name]: broken })).rejects.toThrow('broken');
    await works(chips);
  });

  test('because a chip takes part in another run, which goes on', async () => {
    const first = train({ ...base(), steps: 20 });
    await expect(train({ ...base(), chips: [chips[2], chips[1]] })).rejects.toThrow(
      'Chip 1: it takes part in another run; wait for its end, or start a chip.',
    );
    expect((await first).losses.length).toBe(20);
    await expect(train({ ...base(), chips: [chips[0], chips[0]] })).rejects.toThrow('Chip 0 is given twice');
    await works([chips[2], chips[1]]);
  });
});

test('a run that is shortened on its way ends as if it had been that short', async () => {
  const schedule = oneFOneB({ stages: 2, microbatches: microbatchCount });
  const short = await train({ ...options(schedule, [1]), steps: 6 });
  const shortened = await train({
    ...options(schedule, [1]),
    onStep: ({ step, shorten }) => {
      if (step === 2) shorten(6);
    },
  });
  expect(shortened.losses).toEqual(short.losses);
  for (const [name, values] of Object.entries(short.parameters))
    expect(shortened.parameters[name], name).toEqual(values);
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
      averages: (step) => step >= 2,
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
      /Input "\w+" of step 0, microbatch 0 is \(\d\); the model expects \(B\) with B = \d\./,
    );
  });

  const withInput = (name: string, change: Partial<Microbatch[string]>) => (step: number) =>
    microbatches(step).map((inputs) => ({ ...inputs, [name]: { ...inputs[name], ...change } }));

  test.each<[string, string, Partial<Microbatch[string]>, RegExp]>([
    ['of another rank', 'labels', { dims: [3, 1] }, /"labels" of .* is \(3, 1\); the model expects \(B\)/],
    ['of another type', 'labels', { data: new Float32Array(3) }, /is float32; the model expects int64\./],
    ['with too little data', 'labels', { data: new BigInt64Array(2) }, /has 2 elements; \(3\) has 3\./],
  ])('an input %s', async (_, name, change, message) => {
    await expect(train({ ...base(), microbatches: withInput(name, change) })).rejects.toThrow(message);
  });

  test('an input that is missing', async () => {
    const without = (step: number) => microbatches(step).map(({ labels: _, ...inputs }) => inputs);
    await expect(train({ ...base(), microbatches: without })).rejects.toThrow(
      'Input "labels" of step 0, microbatch 0 is missing; the model expects int64 (B).',
    );
  });

  test('another number of microbatches', async () => {
    const fewer = (step: number) => microbatches(step).slice(1);
    await expect(train({ ...base(), microbatches: fewer })).rejects.toThrow(
      'Step 0 was given 3 microbatches; the schedule has 4.',
    );
  });

  test('a learning rate that is none', async () => {
    await expect(train({ ...base(), learningRate: () => Number.NaN })).rejects.toThrow(
      'The learning rate of step 0 is NaN; it must be 0 or more.',
    );
  });

  test('start values for another model', async () => {
    await expect(train({ ...base(), initial: { 'head.other': new Float32Array(1) } })).rejects.toThrow(
      'The model has no parameter "head.other" to begin with; leave it out.',
    );
    await expect(train({ ...base(), initial: { 'head.dense.bias': new Float32Array(4) } })).rejects.toThrow(
      'The parameter "head.dense.bias" is (3) and cannot begin with 4 numbers.',
    );
  });

  test('a dimension that no input has', async () => {
    const graph = new Graph();
    const loss = graph.block('only', () => {
      const w = graph.parameter('w', [1], { kind: 'ones' });
      return reduceSum(mul(w, graph.dropoutMask(['N'], 0.5)), [0]);
    });
    const schedule = sequential({ stages: 1, microbatches: 1 });
    await expect(train({ ...options(schedule, []), loss, microbatches: () => [{}] })).rejects.toThrow(
      'No input of the model has the dimension "N" of a (N) tensor that it makes; add one that does.',
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
      'The loss is NaN at step 2, microbatch 0: the input "exampleWeights" (3) holds NaN; use a lower learning rate',
    );
    const overflowing = (step: number) =>
      microbatches(step).map((inputs, m) => ({
        ...inputs,
        weights: {
          ...inputs.weights,
          data: (inputs.weights.data as Float32Array).map((w) => (step === 1 && m === 2 ? 3e38 : w)),
        },
      }));
    await expect(train({ ...base(), loss: model(), microbatches: overflowing })).rejects.toThrow(
      /^The loss is (NaN|-?Infinity) at step 1, microbatch 2: matmul at "embed" makes -?(Infinity|NaN) of \(3, \d\) and \(\d, 8\);/,
    );
    const { losses } = await train({ ...base(), loss: model(), steps: 1 });
    expect(losses.length).toBe(1);
  });

  test('a run that was aborted before it began', async () => {
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(train({ ...base(), signal })).rejects.toThrow('never mind');
  });

  test('an abort while chips are at work does not wait for the step to end', async () => {
    const controller = new AbortController();
    const started: number[] = [];
    const run = train({
      ...base(),
      steps: 1000,
      signal: controller.signal,
      microbatches: (step) => {
        started.push(step);
        if (step === 5) setTimeout(() => controller.abort(new Error('enough')), 1);
        return microbatches(step);
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(started.length).toBeLessThan(1000);
    expect((await train({ ...base(), steps: 1 })).losses.length).toBe(1);
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
