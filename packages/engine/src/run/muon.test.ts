import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { muonRate } from '../compile/muon.ts';
import { compileStages } from '../compile/stages.ts';
import { muonInLoops } from '../compile/testing/muon-in-loops.ts';
import { Graph, GraphError, type Value } from '../graph/graph.ts';
import { mul } from '../graph/ops/mul.ts';
import { reduceSum } from '../graph/ops/reduce-sum.ts';
import { decoderLoss } from '../nn/decoder.ts';
import { encoderClassifier } from '../nn/encoder.ts';
import { noDropout, wordBranch } from '../nn/word-bag-classifier.ts';
import { replicas } from '../schedule/replicas.ts';
import { sequential } from '../schedule/sequential.ts';
import { needsWholeParameters } from './optimizer.ts';
import { smallRun, smallSchedules, withMuon } from './testing/small-run.ts';
import { memoryNeeds, type TrainOptions, train } from './train.ts';

let chips: Chip[];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-muon-'));
  chips = await Promise.all([0, 1, 2, 3].map((index) => startChip(index)));
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
  rmSync(folder, { recursive: true, force: true });
});

const options = (shape: keyof typeof smallSchedules, steps = 12): TrainOptions => ({
  ...smallRun(shape, steps),
  ...withMuon,
  chips,
});

function furthest(a: TrainOptions['initial'] & object, b: TrainOptions['initial'] & object): number {
  return Math.max(
    ...Object.entries(a).flatMap(([name, values]) =>
      Array.from(values, (value, i) => Math.abs(value - b[name][i])),
    ),
  );
}

describe('what Muon moves', () => {
  const hiddenOf = (loss: Value) =>
    compileStages(loss, [])
      .flatMap(({ parameters }) => parameters.filter(({ hidden }) => hidden))
      .map(({ name }) => name);
  const shape = { vocabulary: 11, width: 8, layers: 2, heads: 2, keyValueHeads: 1, hidden: 12, positions: 4 };
  const layers = [0, 1].flatMap((layer) => [
    ...['query', 'key', 'value', 'output'].map((name) => `attention${layer}.${name}`),
    ...['gate', 'up', 'down'].map((name) => `feedForward${layer}.${name}`),
  ]);

  test.each([true, false])('of a decoder, the matrices inside its layers; tied: %s', (tied) => {
    expect(hiddenOf(decoderLoss({ ...shape, tied }, { length: 4, headParts: 2 })).sort()).toEqual(
      [...layers].sort(),
    );
  });

  test('of an encoder, the same', () => {
    expect(hiddenOf(encoderClassifier(shape, { classes: 3 }).loss).sort()).toEqual([...layers].sort());
  });

  test('of a word branch, its convolutions', () => {
    const graph = new Graph();
    const logits = graph.block('words', () =>
      wordBranch(
        graph.input('words', 'float32', ['B', 'T', 4]),
        graph.input('mask', 'float32', ['B', 'T']),
        { width: 4, windows: [1, 3], classes: 2 },
        noDropout,
      ),
    );
    const loss = graph.block('loss', () => reduceSum(logits, [0, 1]));
    expect(hiddenOf(loss)).toEqual(['words.convolution1.weight', 'words.convolution3.weight']);
  });
});

describe('training with Muon', () => {
  test('follows the published algorithm, computed in float64, and leaves the rest to AdamW', async () => {
    const [rows, columns] = [3, 2];
    const model = () => {
      const graph = new Graph();
      const slope = graph.input('slope', 'float32', [rows, columns]);
      return graph.block('only', () => {
        const of = (name: string, hidden: boolean) =>
          graph.parameter(name, [rows, columns], { kind: 'zeros' }, { hidden });
        return reduceSum(mul(mul(of('hidden', true), of('head', false)), slope), [0, 1]);
      });
    };
    const slopes = [0, 1, 2].map((step) =>
      Float32Array.from({ length: rows * columns }, (_, i) => Math.cos(5 * i + 3 * step)),
    );
    const initial = {
      'only.hidden': Float32Array.of(1, -1, 0.5, 0.25, 2, 1.5),
      'only.head': Float32Array.of(0.5, 1, -1, 0.75, -0.5, 2),
    };
    const optimizer = { ...withMuon.optimizer, weightDecay: 0.1, clipNorm: 1.5 };
    const learningRate = 0.05;
    const { parameters } = await train({
      loss: model(),
      cuts: [],
      schedule: sequential({ stages: 1, microbatches: 1 }),
      chips,
      steps: slopes.length,
      microbatches: (step) => [{ slope: { data: slopes[step], dims: [rows, columns] } }],
      learningRate: () => learningRate,
      optimizer,
      bounds: {},
      seed: 0,
      initial,
    });

    const hidden = { value: Float64Array.from(initial['only.hidden']), sum: new Float64Array(6) };
    const head = Float64Array.from(initial['only.head']);
    const [m, v] = [new Float64Array(6), new Float64Array(6)];
    for (const [step, slope] of slopes.entries()) {
      const gradients = [head, hidden.value].map((other) => other.map((value, i) => value * slope[i]));
      const clips = gradients.map((gradient) => Math.min(1, optimizer.clipNorm / Math.hypot(...gradient)));
      const rate = muonRate([rows, columns], learningRate);
      muonInLoops(hidden, gradients[0], [rows, columns], {
        ...{ momentum: 0.95, clip: clips[0], rate, keep: 1 - learningRate * optimizer.weightDecay },
      });
      gradients[1].forEach((gradient, i) => {
        const g = gradient * clips[1];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.98 * v[i] + 0.02 * g * g;
        const update = m[i] / (1 - 0.9 ** (step + 1)) / (Math.sqrt(v[i] / (1 - 0.98 ** (step + 1))) + 1e-8);
        head[i] -= learningRate * (update + optimizer.weightDecay * head[i]);
      });
    }
    hidden.value.forEach((value, i) => {
      expect(parameters['only.hidden'][i]).toBeCloseTo(value, 5);
    });
    head.forEach((value, i) => {
      expect(parameters['only.head'][i]).toBeCloseTo(value, 5);
    });
  });

  test.each(['two', 'four'] as const)('gives bit for bit the weights of one chip: %s', async (shape) => {
    const [one, many] = [await train(options('one')), await train(options(shape))];
    expect(many.losses).toEqual(one.losses);
    expect(many.parameters).toEqual(one.parameters);
    // And not those of AdamW.
    const adamw = await train({ ...smallRun('one', 12), chips });
    expect(furthest(adamw.parameters, one.parameters)).toBeGreaterThan(0.01);
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0]);
  });

  test.each([
    ['two stages on two replicas', smallSchedules.replicas],
    ['four replicas', { schedule: replicas({ replicas: 4, stages: 1, microbatches: 4 }), cuts: [] }],
  ])('gives those of one chip to the order of additions: %s', async (_, spread) => {
    const run = { ...options('one'), ...spread };
    const [one, copies] = [await train(options('one')), await train(run)];
    copies.losses.forEach((loss, step) => {
      expect(loss / one.losses[step]).toBeCloseTo(1, 4);
    });
    // Steps are of the size of the learning rate, 0.02; rounding may turn a hundredth of one.
    expect(furthest(copies.parameters, one.parameters)).toBeLessThan(2e-4);
    expect((await train(run)).parameters).toEqual(copies.parameters);
  });

  test('needs one number an element fewer than AdamW, and says so before', async () => {
    expect(needsWholeParameters(withMuon.optimizer)).toBe(true);
    for (const shape of ['one', 'two', 'four', 'replicas'] as const) {
      const run = { ...options(shape, 3), averages: () => true };
      const { memory, stages } = await train(run);
      const needs = memoryNeeds(run, stages);
      expect(memory.map(({ parameters }) => parameters)).toEqual(
        needs.map(({ parameters, optimizer }) => parameters + optimizer),
      );
      const adamw = memoryNeeds({ ...run, optimizer: smallRun('one', 3).optimizer }, stages);
      const of = (all: typeof needs) => all.reduce((sum, { optimizer }) => sum + optimizer, 0);
      const hidden = stages.flatMap(({ parameters }) => parameters.filter((one) => one.hidden));
      const elements = hidden.reduce((sum, { shape: [a, b] }) => sum + a * b, 0);
      expect(of(adamw) - of(needs)).toBe(4 * elements);
    }
  });
});

describe('a checkpoint of a run with Muon', () => {
  const interrupted = async (run: TrainOptions, after: number) => {
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => {
      if (step === after) controller.abort(new Error('enough'));
    };
    await expect(train({ ...run, signal: controller.signal, onStep })).rejects.toThrow('enough');
  };

  test.each([
    ['one', 'four'],
    ['four', 'two'],
    ['replicas', 'replicas'],
  ] as const)('of "%s" goes on on "%s" to the weights of a run that was never stopped', async (from, to) => {
    const file = join(folder, `${from}.safetensors`);
    const whole = await train(options(from));
    await interrupted({ ...options(from), checkpoint: { file, everySteps: 4 } }, 8);
    const rest = await train({ ...options(to), checkpoint: { file } });
    expect([4, 8]).toContain(rest.resumedAt);
    expect(rest.losses).toEqual(whole.losses);
    expect(rest.parameters).toEqual(whole.parameters);
  });

  test('is refused by a run without, and the other way round', async () => {
    const checkpoint = { file: join(folder, 'other.safetensors') };
    const adamw = { ...smallRun('one', 3), chips };
    await train({ ...options('one', 3), checkpoint });
    await expect(train({ ...adamw, checkpoint })).rejects.toThrow(
      /was written with Muon for the parameter "layer0\.weight", not AdamW; go on with what it was written for/,
    );
    rmSync(checkpoint.file);
    await train({ ...adamw, checkpoint });
    await expect(train({ ...options('one', 3), checkpoint })).rejects.toThrow(
      /was written with AdamW for the parameter "layer0\.weight", not Muon/,
    );
  });
});

describe('what Muon cannot do', () => {
  test('move what is not a matrix', () => {
    const build = () => new Graph().parameter('w', [2, 3, 4], { kind: 'zeros' }, { hidden: true });
    expect(build).toThrow(GraphError);
    expect(build).toThrow('Only a matrix can be hidden, and the parameter "w" is (2, 3, 4)');
  });

  test('go on for ever', async () => {
    const optimizer = { ...withMuon.optimizer, muon: { momentum: 1 } };
    await expect(train({ ...options('one'), optimizer })).rejects.toThrow(
      'optimizer.muon.momentum is 1; it must lie in [0, 1).',
    );
  });
});
