import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import type { Program } from '../compile/program.ts';
import { hiddenStatesProgram, textClassifierProgram } from '../nn/text-classifier-program.ts';
import {
  fromHuggingFaceEncoder,
  readHuggingFaceEncoder,
  toHuggingFaceClassifier,
} from './hugging-face-encoder.ts';
import { writeSafetensorsFiles } from './safetensors-files.ts';
import { classifierInLoops, encoderInLoops } from './testing/encoder-in-loops.ts';
import {
  bertCheckpoint,
  type Checkpoint,
  distilBertCheckpoint,
  modernBertCheckpoint,
} from './testing/random-encoder.ts';

let chip: Chip;
let folder: string;
beforeAll(async () => {
  chip = await startChip(0);
});
afterAll(() => chip.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-encoder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Of lengths that differ, so that all but the longest are filled up. */
const texts = [[3, 17, 5, 9, 11, 4, 28, 6, 2], [3, 8, 2], [3, 12, 12, 25, 7, 2], [9]];

const families: [string, () => Checkpoint][] = [
  ['BERT', () => bertCheckpoint('bert')],
  [
    'BERT with the other GELU, without a prefix',
    () => bertCheckpoint('bert', { act: 'gelu_new', bare: true }),
  ],
  ['BERT with ReLU', () => bertCheckpoint('bert', { act: 'relu' })],
  ['RoBERTa', () => bertCheckpoint('roberta')],
  ['DistilBERT', () => distilBertCheckpoint()],
  ['ModernBERT', () => modernBertCheckpoint()],
  ['ModernBERT with a narrow view', () => modernBertCheckpoint({ pooling: 'cls', reach: 1 })],
];

async function answer({ onnx, inputs, outputs }: Program): Promise<Float32Array> {
  const length = Math.max(...texts.map((text) => text.length));
  const dims = [texts.length, length];
  const grid = (of: (text: readonly number[], i: number) => number) => ({
    data: BigInt64Array.from(texts.flatMap((text) => Array.from({ length }, (_, i) => BigInt(of(text, i))))),
    dims,
  });
  const all = {
    input_ids: grid((text, i) => text[i] ?? 1),
    attention_mask: grid((text, i) => Number(i < text.length)),
    token_type_ids: grid(() => 0),
  };
  const program = await chip.load(onnx);
  try {
    const given = Object.fromEntries(inputs.map(({ name }) => [name, all[name as keyof typeof all]]));
    return (await program.run(given))[outputs[0]!.name]!.data as Float32Array;
  } finally {
    await program.release();
  }
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(found[i]! - wanted[i]!)).toBeLessThan(2e-5);
}

describe('an encoder from elsewhere', () => {
  test.each(families)('has the hidden states of plain loops, with padding beside: %s', async (_, make) => {
    const checkpoint = make();
    const { shape, parameters } = fromHuggingFaceEncoder(checkpoint);
    const found = await answer(hiddenStatesProgram(shape, withoutHead(parameters)));
    const encode = encoderInLoops(checkpoint);
    const length = Math.max(...texts.map((text) => text.length));
    for (const [b, text] of texts.entries())
      for (const [t, row] of encode(text).entries())
        expectClose(found.subarray((b * length + t) * 12, (b * length + t + 1) * 12), row);
  });

  test.each(families)('classifies as plain loops over its exported tensors do: %s', async (_, make) => {
    const base = fromHuggingFaceEncoder(make());
    const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(7 * i) / 3);
    const { shape } = base;
    const hasHead = base.parameters['head.dense.weight'] !== undefined;
    const parameters = {
      ...base.parameters,
      ...(!hasHead && { 'head.dense.weight': numbers(144), 'head.dense.bias': numbers(12) }),
      'head.classes.weight': numbers(60),
      'head.classes.bias': numbers(5),
    };
    const { architecture, tensors } = toHuggingFaceClassifier({ ...base, parameters }, 5);
    expect(architecture).toMatch(/^(Bert|Roberta|DistilBert|ModernBert)ForSequenceClassification$/);
    const found = await answer(textClassifierProgram(shape, parameters, { classes: 5 }));
    const classify = classifierInLoops({ config: { ...base.config }, tensors: { ...tensors } });
    for (const [b, text] of texts.entries()) expectClose(found.subarray(5 * b, 5 * b + 5), classify(text));
    // And it comes back.
    const again = fromHuggingFaceEncoder({ config: base.config, tensors }, { classes: 5 });
    expect(again.parameters).toEqual(parameters);
  });

  test.each(['F16', 'BF16', undefined] as const)('is read from several files of %s', async (halves) => {
    const { config, tensors } = bertCheckpoint('bert');
    await writeSafetensorsFiles(folder, tensors, { metadata: { format: 'pt' }, halves, shardBytes: 3000 });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const whole = fromHuggingFaceEncoder({ config, tensors });
    const read = await readHuggingFaceEncoder(folder);
    expect(Object.keys(read.parameters)).toEqual(Object.keys(whole.parameters));
    const bits = halves === 'F16' ? 2 ** -11 : halves === 'BF16' ? 2 ** -8 : 0;
    for (const [name, values] of Object.entries(whole.parameters))
      for (const [i, value] of values.entries())
        expect(Math.abs(read.parameters[name]![i]! - value)).toBeLessThanOrEqual(
          Math.abs(value) * bits + 1e-7 * Number(bits > 0),
        );
  });

  test('has names of layers and rotations as newer files describe them', () => {
    const { config, tensors } = modernBertCheckpoint();
    const { global_rope_theta, local_rope_theta, global_attn_every_n_layers, ...others } = config;
    const newer = {
      ...others,
      layer_types: ['full_attention', 'sliding_attention', 'full_attention'],
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta: global_rope_theta },
        sliding_attention: { rope_type: 'default', rope_theta: local_rope_theta },
      },
    };
    expect(fromHuggingFaceEncoder({ config: newer, tensors }).shape).toEqual(
      fromHuggingFaceEncoder({ config, tensors }).shape,
    );
    expect(global_attn_every_n_layers).toBe(2);
  });

  test('begins without a head where the checkpoint has none, or only a part of one', () => {
    const names = (checkpoint: Checkpoint) =>
      Object.keys(fromHuggingFaceEncoder(checkpoint).parameters).filter((name) => name.startsWith('head'));
    expect(names(modernBertCheckpoint({ head: false }))).toEqual([]);
    const part = modernBertCheckpoint();
    delete part.tensors['head.norm.weight'];
    expect(names(part)).toEqual([]);
    expect(names(modernBertCheckpoint())).toEqual(['head.dense.weight', 'head.norm.gain']);
  });
});

describe('what is no encoder that is read', () => {
  const wrong = (change: Record<string, unknown>) => () => {
    const { config, tensors } = bertCheckpoint('bert');
    return fromHuggingFaceEncoder({ config: { ...config, ...change }, tensors });
  };

  test.each([
    [{ model_type: 't5' }, 'hugging_face_architecture', /"t5"/],
    [{ model_type: undefined }, 'hugging_face_architecture', /unknown/],
    [{ position_embedding_type: 'relative_key' }, 'hugging_face_config', /relative_key/],
    [{ hidden_act: 'mish' }, 'hugging_face_config', /mish/],
    [{ num_attention_heads: 5 }, 'hugging_face_config', /divide/],
    [{ hidden_size: 'wide' }, 'hugging_face_config', /hidden_size/],
    [{ is_decoder: true }, 'hugging_face_config', /decoder/],
    [{ vocab_size: 31 }, 'hugging_face_tensor', /word_embeddings.*\(30, 12\).*\(31, 12\)/],
    [{ num_hidden_layers: 3 }, 'hugging_face_tensor', /encoder\.layer\.2.*missing/],
    [{ num_hidden_layers: 1 }, 'hugging_face_tensor', /encoder\.layer\.1.*no place/],
  ])('%o is refused', (change, code, message) => {
    expect(wrong(change)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  test('a file that ends early, and a folder without one', async () => {
    const { config, tensors } = bertCheckpoint('bert');
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    await expect(readHuggingFaceEncoder(folder)).rejects.toMatchObject({
      name: expect.stringMatching(/Error/),
    });
    await writeSafetensorsFiles(folder, tensors, {});
    truncateSync(join(folder, 'model.safetensors'), 9000);
    await expect(readHuggingFaceEncoder(folder)).rejects.toMatchObject({
      code: expect.stringMatching(/safetensors/),
    });
    rmSync(join(folder, 'config.json'));
    await expect(readHuggingFaceEncoder(folder)).rejects.toMatchObject({ code: 'hugging_face_config' });
  });
});

function withoutHead(parameters: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith('head.')));
}
