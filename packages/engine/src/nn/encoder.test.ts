import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packRows } from '../batches/pack-rows.ts';
import { type Chip, startChip } from '../chips/chip.ts';
import { emitProgram } from '../compile/program.ts';
import type { Microbatch } from '../run/microbatch-orders.ts';
import { randomStream, uniform } from '../run/random.ts';
import type { Parameters as Weights } from '../run/run-state.ts';
import { train } from '../run/train.ts';
import { makeSchedule } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { type EncoderModel, encoderClassifier, encoderTagger } from './encoder.ts';

const shape = {
  vocabulary: 30,
  width: 16,
  layers: 2,
  heads: 2,
  keyValueHeads: 2,
  hidden: 32,
  positions: 32,
};
const classes = 3;

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([startChip(0), startChip(1)]);
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
});

/** The text's class depends on words that stand far apart; a position's on its neighbour. */
function draw(stream: () => number) {
  const words = Array.from(
    { length: 2 + Math.floor(9 * uniform(stream)) },
    () => 3 + Math.floor(27 * uniform(stream)),
  );
  const label = Math.floor(classes * uniform(stream));
  words[0] = label;
  return { words, label, tags: words.map((_, i) => (words[i + 1] ?? 0) % classes) };
}
type Text = ReturnType<typeof draw>;

/** Texts in rows of `length`, side by side or one in each. */
function batch(texts: readonly Text[], length: number, packed: boolean): Microbatch {
  const rows = packed
    ? packRows(
        texts.map(({ words }) => words.length),
        length,
      )
    : texts.map((_, index) => [{ index, offset: 0 }]);
  const dims = [rows.length, length];
  const grid = (padding: number, of: (text: number, i: number) => number) => {
    const numbers = new Array<number>(rows.length * length).fill(padding);
    rows.forEach((row, r) => {
      for (const { index, offset } of row)
        texts[index]!.words.forEach((_, i) => {
          numbers[r * length + offset + i] = of(index, i);
        });
    });
    return numbers;
  };
  const integers = (numbers: number[], at = dims) => ({
    data: BigInt64Array.from(numbers, BigInt),
    dims: at,
  });
  const floats = (numbers: number[], at = dims) => ({ data: Float32Array.from(numbers), dims: at });
  const all = texts.reduce((sum, { words }) => sum + words.length, 0);
  return {
    tokens: integers(grid(0, (t, i) => texts[t]!.words[i]!)),
    positions: integers(grid(0, (_, i) => i)),
    segments: integers(grid(-1, (t) => t)),
    texts: integers(grid(0, (t) => t)),
    shares: floats(grid(0, (t) => 1 / texts[t]!.words.length)),
    labels: integers(
      texts.map(({ label }) => label),
      [texts.length],
    ),
    weights: floats(new Array(texts.length).fill(1 / texts.length), [texts.length]),
    tags: integers(grid(0, (t, i) => texts[t]!.tags[i]!)),
    tagWeights: floats(grid(0, () => 1 / all)),
  };
}

const classifying = (inputs: Microbatch): Microbatch => {
  const { tags: _, tagWeights: __, ...rest } = inputs;
  return rest;
};
const tagging = ({ tokens, positions, segments, tags, tagWeights }: Microbatch): Microbatch => ({
  tokens: tokens!,
  positions: positions!,
  segments: segments!,
  labels: tags!,
  weights: tagWeights!,
});

async function answer(
  { logits }: EncoderModel,
  parameters: Weights,
  inputs: Microbatch,
): Promise<Float32Array> {
  const fixed = new Map(
    logits.graph.values.flatMap((value) =>
      value.source?.kind === 'parameter'
        ? [[value, { data: parameters[value.source.name]!, dims: value.shape as number[] }] as const]
        : [],
    ),
  );
  const emitted = emitProgram({ name: 'answer', outputs: [{ value: logits, name: 'logits' }], fixed });
  const program = await chips[0]!.load(emitted.onnx);
  const { logits: found } = await program.run(
    Object.fromEntries(emitted.inputs.map(({ name }) => [name, inputs[name]!])),
  );
  await program.release();
  return found!.data as Float32Array;
}

const common = () => ({
  chips,
  learningRate: () => 0.01,
  optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 },
  bounds: { B: 16, T: 24, S: 16 },
  seed: 2,
});
const texts = (step: number, m: number, count = 8) => {
  const stream = randomStream(6, step, m);
  return Array.from({ length: count }, () => draw(stream));
};

describe.each([
  ['classifier', () => encoderClassifier(shape, { classes, dropout: 0 }), classifying],
  ['tagger', () => encoderTagger(shape, { classes, dropout: 0 }), tagging],
] as const)('the %s', (_, model, inputsOf) => {
  const run = (steps: number, length: number, packed: boolean) => ({
    ...common(),
    loss: model().loss,
    cuts: [],
    schedule: sequential({ stages: 1, microbatches: 2 }),
    steps,
    microbatches: (step: number) => [0, 1].map((m) => inputsOf(batch(texts(step, m), length, packed))),
  });

  test('trains the same on packed rows as on padded ones', async () => {
    const [padded, packed] = [await train(run(6, 12, false)), await train(run(6, 24, true))];
    packed.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(padded.losses[i]!, 4);
    });
    for (const [name, values] of Object.entries(padded.parameters)) {
      const furthest = packed.parameters[name]!.reduce(
        (most, v, i) => Math.max(most, Math.abs(v - values[i]!)),
        0,
      );
      // AdamW moves by up to the learning rate of 0.01 a step; rounding turns a small share of that.
      expect(furthest, name).toBeLessThan(5e-3);
    }
  });

  test('trains to the same bits as a pipeline', async () => {
    const one = await train(run(4, 24, true));
    const { schedule } = makeSchedule('zb-h1', { stages: 2, microbatches: 2 });
    const two = await train({ ...run(4, 24, true), loss: model().loss, schedule, cuts: [3] });
    expect(two.losses).toEqual(one.losses);
    expect(two.parameters).toEqual(one.parameters);
  });

  test('learns, and answers for each text what it answers for it alone', async () => {
    const { parameters, losses } = await train(run(120, 24, true));
    expect(losses.at(-1)).toBeLessThan(0.35 * losses[0]!);
    const some = texts(999, 0, 6);
    const together = inputsOf(batch(some, 24, true));
    const found = await answer(model(), parameters, together);
    for (const [index, text] of some.entries()) {
      const alone = await answer(model(), parameters, inputsOf(batch([text], text.words.length, false)));
      const isTagger = !('texts' in together);
      const rows = packRows(
        some.map(({ words }) => words.length),
        24,
      );
      const row = rows.findIndex((members) => members.some((member) => member.index === index));
      const offset = rows[row]!.find((member) => member.index === index)!.offset;
      const start = isTagger ? (row * 24 + offset) * classes : index * classes;
      alone.forEach((logit, i) => {
        expect(found[start + i], `text ${index}`).toBeCloseTo(logit, 4);
      });
    }
  });
});
