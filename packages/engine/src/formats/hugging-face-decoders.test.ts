import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { decoderLoss } from '../nn/decoder.ts';
import { loadDecoder } from '../nn/generate.ts';
import { mergeLowRank } from '../nn/low-rank.ts';
import { train } from '../run/train.ts';
import { makeSchedule } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { fromHuggingFace, toHuggingFace } from './hugging-face.ts';
import { readHuggingFace } from './hugging-face-folder.ts';
import { writeSafetensorsFiles } from './safetensors-files.ts';
import { decoderInLoops } from './testing/decoder-in-loops.ts';
import { decoderCheckpoint } from './testing/random-decoder.ts';
import type { Checkpoint } from './testing/random-encoder.ts';

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([startChip(0), startChip(1)]);
});
afterAll(() => Promise.all(chips.map((chip) => chip.close())));

const llama3 = {
  ...{ rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
  original_max_position_embeddings: 300,
};

const families: [string, () => Checkpoint][] = [
  ['Llama', () => decoderCheckpoint({ type: 'llama' })],
  ['Llama, tied', () => decoderCheckpoint({ type: 'llama', tied: true })],
  ['Llama with heads of their own width', () => decoderCheckpoint({ type: 'llama', headWidth: 6 })],
  [
    'Llama 3, stretched',
    () => decoderCheckpoint({ type: 'llama', headWidth: 12, config: { rope_scaling: llama3 } }),
  ],
  [
    'Llama, stretched evenly',
    () => decoderCheckpoint({ type: 'llama', config: { rope_scaling: { rope_type: 'linear', factor: 4 } } }),
  ],
  ['Qwen2', () => decoderCheckpoint({ type: 'qwen2' })],
  ['Qwen2, tied', () => decoderCheckpoint({ type: 'qwen2', tied: true })],
  ['Qwen3', () => decoderCheckpoint({ type: 'qwen3', headWidth: 6 })],
  ['Qwen3, tied', () => decoderCheckpoint({ type: 'qwen3', tied: true })],
];
const tokens = [3, 17, 5, 9, 25, 4, 11, 0, 17, 17, 2];

describe.each(families)('a decoder from elsewhere: %s', (_, make) => {
  test.each(['halves', 'neighbours'] as const)(
    'has the logits of plain loops where it rotates %s',
    async (rotaryPairs) => {
      const checkpoint = make();
      const { shape, parameters } = fromHuggingFace(checkpoint, { rotaryPairs });
      const decoder = await loadDecoder(chips[0]!, shape, parameters);
      const { data } = await decoder.logits(tokens);
      await decoder.release();
      const wanted = decoderInLoops(checkpoint)(tokens);
      for (const [t, row] of wanted.entries())
        for (const [i, value] of row.entries())
          expect(Math.abs((data[t * 26 + i] as number) - value)).toBeLessThan(5e-5);
    },
  );

  test('goes out again as it came', () => {
    const checkpoint = make();
    const { shape, parameters } = fromHuggingFace(checkpoint, { rotaryPairs: 'neighbours' });
    const { config, tensors } = toHuggingFace(shape, parameters);
    expect(tensors).toEqual(checkpoint.tensors);
    expect(fromHuggingFace({ config, tensors }, { rotaryPairs: 'neighbours' })).toEqual({
      shape,
      parameters,
    });
    const { head_dim: _, ...stated } = checkpoint.config;
    expect(config).toMatchObject(stated);
  });

  test('has the loss of plain loops when it is trained further', async () => {
    const checkpoint = make();
    const { shape, parameters } = fromHuggingFace(checkpoint);
    const run = await train({ ...training(shape), initial: parameters, steps: 1, learningRate: () => 0 });
    const logits = decoderInLoops(checkpoint)(tokens.slice(0, -1));
    const losses = logits.map((row, t) => {
      const most = Math.max(...row);
      return most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0)) - row[tokens[t + 1]!]!;
    });
    expect(run.losses[0]).toBeCloseTo(losses.reduce((a, b) => a + b) / losses.length, 4);
  });
});

function training(shape: Parameters<typeof decoderLoss>[0], adapters?: { rank: number; alpha: number }) {
  const length = tokens.length - 1;
  const integers = (numbers: readonly number[]) => ({
    data: BigInt64Array.from(numbers, BigInt),
    dims: [1, length],
  });
  return {
    loss: decoderLoss(shape, { length, ...(adapters && { adapters }) }),
    cuts: [],
    schedule: sequential({ stages: 1, microbatches: 1 }),
    chips,
    microbatches: () => [
      {
        tokens: integers(tokens.slice(0, -1)),
        targets: integers(tokens.slice(1)),
        positions: integers(tokens.slice(1).map((__, i) => i)),
        weights: { data: new Float32Array(length).fill(1 / length), dims: [1, length] },
      },
    ],
    optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
    bounds: { B: 1 },
    seed: 1,
  };
}

describe('adapters of low rank', () => {
  const { shape, parameters } = fromHuggingFace(decoderCheckpoint({ type: 'qwen3', headWidth: 6 }));
  const adapters = { rank: 3, alpha: 6 };

  test('are all that is trained, from the base on, and merged answer as the trained model did', async () => {
    const options = { ...training(shape, adapters), initial: parameters, learningRate: () => 0.02 };
    const untrained = await train({ ...options, steps: 1, learningRate: () => 0 });
    const base = await train({ ...training(shape), initial: parameters, steps: 1, learningRate: () => 0 });
    expect(untrained.losses[0]).toBeCloseTo(base.losses[0]!, 6);
    const run = await train({ ...options, loss: training(shape, adapters).loss, steps: 40 });
    expect(Object.keys(run.parameters)).toHaveLength(2 * 7 * shape.layers);
    expect(run.losses.at(-1)).toBeLessThan(0.7 * run.losses[0]!);

    const merged = mergeLowRank({ ...parameters, ...run.parameters }, adapters);
    expect(Object.keys(merged).sort()).toEqual(Object.keys(parameters).sort());
    // W + 2 · B A, for one matrix by hand.
    const [a, b] = [run.parameters['attention1.keyLoraA']!, run.parameters['attention1.keyLoraB']!];
    const before = parameters['attention1.key']!;
    for (const [i, value] of merged['attention1.key']!.entries()) {
      const [row, column] = [Math.floor(i / 16), i % 16];
      let sum = before[i]!;
      for (let r = 0; r < 3; r++) sum += 2 * b[row * 3 + r]! * a[r * 16 + column]!;
      expect(value).toBeCloseTo(sum, 6);
    }
    // The step after the last, with adapters beside and with them merged.
    const beside = await train({
      ...training(shape, adapters),
      initial: { ...parameters, ...run.parameters },
      steps: 1,
      learningRate: () => 0,
    });
    const together = await train({ ...training(shape), initial: merged, steps: 1, learningRate: () => 0 });
    expect(together.losses[0]).toBeCloseTo(beside.losses[0]!, 5);
    expect(toHuggingFace(shape, merged).config.model_type).toBe('qwen3');
  });

  test('train to the same bits in a pipeline', async () => {
    const common = { initial: parameters, steps: 4, learningRate: () => 0.02 };
    const alone = await train({ ...training(shape, adapters), ...common });
    const { schedule } = makeSchedule('1f1b', { stages: 2, microbatches: 1 });
    const spread = await train({ ...training(shape, adapters), ...common, cuts: [2], schedule });
    expect(spread.parameters).toEqual(alone.parameters);
  });

  test('are refused where they make none', () => {
    for (const wrong of [
      { rank: 0, alpha: 1 },
      { rank: 1.5, alpha: 1 },
      { rank: 2, alpha: 0 },
      { rank: 2, alpha: 1, of: [] },
      { rank: 2, alpha: 1, of: ['head' as never] },
    ])
      expect(() => decoderLoss(shape, { length: 4, adapters: wrong })).toThrow(
        expect.objectContaining({ code: 'graph_low_rank' }),
      );
    expect(() =>
      mergeLowRank(
        { w: new Float32Array(6), wLoraA: new Float32Array(3), wLoraB: new Float32Array(3) },
        { rank: 1, alpha: 1 },
      ),
    ).toThrow(expect.objectContaining({ code: 'graph_low_rank' }));
  });
});

describe('what is no decoder that is read', () => {
  test.each([
    [{ model_type: 'mistral' }, 'hugging_face_architecture'],
    [{ model_type: undefined }, 'hugging_face_architecture'],
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'hugging_face_config'],
    [{ rope_scaling: { rope_type: 'llama3', factor: 4 } }, 'hugging_face_config'],
    [{ use_sliding_window: true }, 'hugging_face_config'],
    [{ hidden_act: 'gelu' }, 'hugging_face_config'],
    [{ attention_bias: true }, 'hugging_face_config'],
    [{ num_key_value_heads: 3 }, 'hugging_face_config'],
    [{ head_dim: 5 }, 'hugging_face_config'],
    [{ head_dim: 8 }, 'hugging_face_tensor'],
    [{ vocab_size: 27 }, 'hugging_face_tensor'],
    [{ num_hidden_layers: 1 }, 'hugging_face_tensor'],
    [{ num_hidden_layers: 3 }, 'hugging_face_tensor'],
    [{ tie_word_embeddings: 'yes' }, 'hugging_face_config'],
  ])('%o is refused', (change, code) => {
    const { config, tensors } = decoderCheckpoint({ type: 'llama' });
    expect(() => fromHuggingFace({ config: { ...config, ...change }, tensors })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test('is known before the weights are read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kolben-decoders-'));
    try {
      const { config, tensors } = decoderCheckpoint({ type: 'qwen2' });
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, model_type: 'gpt2' }));
      await expect(readHuggingFace(folder)).rejects.toMatchObject({ code: 'hugging_face_architecture' });
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
      await writeSafetensorsFiles(folder, tensors, { shardBytes: 3000, halves: 'BF16' });
      const { shape } = await readHuggingFace(folder, { positions: 20 });
      expect(shape).toMatchObject({ positions: 20, attentionBias: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
