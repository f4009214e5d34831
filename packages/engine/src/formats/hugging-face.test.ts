import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import type { DecoderShape } from '../nn/decoder.ts';
import { divideTables } from '../nn/divide-tables.ts';
import { loadDecoder } from '../nn/generate.ts';
import { llamaInLoops } from '../nn/testing/llama-in-loops.ts';
import { llama2cBytes } from '../nn/testing/llama2c-bytes.ts';
import type { Parameters } from '../run/run-state.ts';
import { fromHuggingFace, HuggingFaceError, toHuggingFace } from './hugging-face.ts';
import { readHuggingFace, writeHuggingFace } from './hugging-face-folder.ts';
import { readLlama2c } from './llama2c.ts';

const data = process.env.KOLBEN_TEST_DATA;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

let chip: Chip;
let folder: string;
beforeAll(async () => {
  chip = await startChip(0);
});
afterAll(() => chip.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kolben-hugging-face-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const counts = {
  ...{ width: 16, hidden: 24, layers: 2, heads: 2, keyValueHeads: 1, vocabulary: -40, positions: 32 },
};
const untied = llama2cBytes(counts);
const tied = llama2cBytes({ ...counts, vocabulary: 40 });

async function greedy(shape: DecoderShape, parameters: Parameters, tokens: number): Promise<number[]> {
  const decoder = await loadDecoder(chip, shape, parameters);
  const all: number[] = [];
  for await (const token of decoder.generate({ prompt: [1], tokens })) all.push(token);
  await decoder.release();
  return all;
}

function inLoops(bytes: Uint8Array, tokens: number): number[] {
  const step = llamaInLoops(bytes);
  const made: number[] = [];
  for (let token = 1; made.length < tokens; made.push(token)) {
    const logits = step(token);
    token = logits.indexOf(Math.max(...logits));
  }
  return made;
}

describe('a decoder in the layout of Hugging Face', () => {
  test('has their names, shapes and configuration', () => {
    const { shape, parameters } = readLlama2c(untied);
    const { config, tensors } = toHuggingFace(shape, parameters, { beginToken: 1, endToken: 2 });
    const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { dims }]) => [name, dims]));
    const layer = (i: number) => ({
      [`model.layers.${i}.input_layernorm.weight`]: [16],
      [`model.layers.${i}.self_attn.q_proj.weight`]: [16, 16],
      [`model.layers.${i}.self_attn.k_proj.weight`]: [8, 16],
      [`model.layers.${i}.self_attn.v_proj.weight`]: [8, 16],
      [`model.layers.${i}.self_attn.o_proj.weight`]: [16, 16],
      [`model.layers.${i}.post_attention_layernorm.weight`]: [16],
      [`model.layers.${i}.mlp.gate_proj.weight`]: [24, 16],
      [`model.layers.${i}.mlp.up_proj.weight`]: [24, 16],
      [`model.layers.${i}.mlp.down_proj.weight`]: [16, 24],
    });
    expect(shapes).toEqual({
      'model.embed_tokens.weight': [40, 16],
      ...layer(0),
      ...layer(1),
      'model.norm.weight': [16],
      'lm_head.weight': [40, 16],
    });
    expect(config).toMatchObject({
      ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', vocab_size: 40, hidden_size: 16 },
      ...{ intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 2, num_key_value_heads: 1 },
      ...{ max_position_embeddings: 32, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: false },
      ...{ bos_token_id: 1, eos_token_id: 2, hidden_act: 'silu' },
    });
    const { shape: other, parameters: own } = readLlama2c(tied);
    const shared = toHuggingFace(other, own);
    expect(shared.config.tie_word_embeddings).toBe(true);
    expect(shared.tensors['lm_head.weight']).toBeUndefined();
  });

  test('has the rows of queries and keys where its rotation of halves wants them', () => {
    const { shape, parameters } = readLlama2c(untied);
    const { tensors } = toHuggingFace(shape, parameters);
    // w.view(heads, d / 2, 2, width).transpose(1, 2).reshape(heads * d, width), as their converter has it.
    const permuted = (rows: Float32Array, heads: number) => {
      const d = 8;
      const moved: number[] = [];
      for (let head = 0; head < heads; head++)
        for (let member = 0; member < 2; member++)
          for (let pair = 0; pair < d / 2; pair++)
            for (let column = 0; column < 16; column++)
              moved.push(rows[((head * (d / 2) + pair) * 2 + member) * 16 + column]!);
      return Float32Array.from(moved);
    };
    const theirs = (name: string) => tensors[`model.layers.1.self_attn.${name}_proj.weight`]!.data;
    expect(theirs('q')).toEqual(permuted(parameters['attention1.query']!, 2));
    expect(theirs('k')).toEqual(permuted(parameters['attention1.key']!, 1));
    expect(theirs('v')).toEqual(parameters['attention1.value']);
    const halves = toHuggingFace({ ...shape, rotaryPairs: 'halves' }, parameters).tensors;
    expect(halves['model.layers.1.self_attn.q_proj.weight']!.data).toEqual(parameters['attention1.query']);
  });

  test.each([
    ['tied', tied],
    ['untied', untied],
  ])('comes back number for number, and generates the tokens of plain loops: %s', async (_, bytes) => {
    const { shape, parameters } = readLlama2c(bytes);
    await writeHuggingFace(folder, shape, parameters, { shardBytes: 4000 });
    expect(readdirSync(folder)).toContain('model.safetensors.index.json');
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).torch_dtype).toBe('float32');
    expect(await readHuggingFace(folder, { rotaryPairs: 'neighbours' })).toEqual({ shape, parameters });
    const turned = await readHuggingFace(folder);
    expect(turned.shape).toEqual({ ...shape, rotaryPairs: 'halves' });
    expect(toHuggingFace(turned.shape, turned.parameters)).toEqual(toHuggingFace(shape, parameters));
    expect(await greedy(turned.shape, turned.parameters, 30)).toEqual(inLoops(bytes, 30));
  });

  test.each([
    ['tied', tied],
    ['untied', untied],
  ])('joins a table that was trained in parts: %s', (_, bytes) => {
    const { shape, parameters } = readLlama2c(bytes);
    expect(toHuggingFace(shape, divideTables(shape, parameters, 3))).toEqual(
      toHuggingFace(shape, parameters),
    );
  });

  test('in 16 bits, says so', async () => {
    const { shape, parameters } = readLlama2c(tied);
    await writeHuggingFace(folder, shape, parameters, { halves: 'BF16' });
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).torch_dtype).toBe('bfloat16');
    const read = await readHuggingFace(folder, { rotaryPairs: 'neighbours' });
    parameters['embed.tokens']!.forEach((value, i) => {
      expect(Math.abs(read.parameters['embed.tokens']![i]! - value)).toBeLessThanOrEqual(
        Math.abs(value) * 2 ** -8,
      );
    });
  });

  test.skipIf(!data && !required)('tells the same story (needs KOLBEN_TEST_DATA)', async () => {
    if (!data) throw new Error('KOLBEN_TEST_DATA is not set: name the folder that holds stories260k.');
    const bytes = readFileSync(join(data, 'stories260k', 'stories260K.bin'));
    const { shape, parameters } = readLlama2c(bytes);
    await writeHuggingFace(folder, shape, parameters);
    const read = await readHuggingFace(folder);
    expect(await greedy(read.shape, read.parameters, 200)).toEqual(inLoops(bytes, 200));
  });
});

describe('what is no such decoder', () => {
  const { shape, parameters } = readLlama2c(untied);
  const good = toHuggingFace(shape, parameters);
  const refused = (config: Record<string, unknown>, tensors = good.tensors) => {
    let found: unknown;
    try {
      fromHuggingFace({ config: { ...good.config, ...config }, tensors });
    } catch (error) {
      found = error;
    }
    expect(found).toBeInstanceOf(HuggingFaceError);
    return (found as Error).message;
  };

  test('is refused by the field of its configuration', () => {
    expect(refused({ model_type: 'gpt2' })).toContain('is of a model of type "gpt2"; decoders of the');
    expect(refused({ hidden_act: 'gelu' })).toContain('"hidden_act": "gelu"');
    expect(refused({ attention_bias: true })).toContain('"attention_bias": true');
    expect(refused({ head_dim: 33 })).toContain('headWidth is 33; it must be an even number');
    expect(refused({ hidden_size: '16' })).toContain('has no number "hidden_size"');
    expect(refused({ rope_scaling: { rope_type: 'llama3', factor: 8 } })).toContain(
      'scales the rotation without a number "low_freq_factor"',
    );
    expect(refused({ rope_scaling: { type: 'yarn', factor: 2 } })).toContain('scales the rotation by "yarn"');
    expect(refused({ rope_theta: 'much' })).toContain('"rope_theta" that is no number');
    expect(refused({ num_key_value_heads: 3 })).toContain('keyValueHeads is 3; the second must divide');
  });

  test('reads the base of the rotation where newer versions write it', () => {
    const { rope_theta: _, ...config } = good.config;
    const rope = { rope_parameters: { rope_type: 'default', rope_theta: 500_000 } };
    expect(fromHuggingFace({ config: { ...config, ...rope }, tensors: good.tensors }).shape.rotaryBase).toBe(
      500_000,
    );
  });

  test('is refused by the tensor', () => {
    const { 'model.norm.weight': norm, ...without } = good.tensors;
    expect(refused({}, without)).toContain('model.norm.weight is missing; the configuration asks for (16)');
    expect(refused({}, { ...good.tensors, more: norm! })).toContain('The tensor more has no place');
    expect(refused({ vocab_size: 41 })).toContain('model.embed_tokens.weight is (40, 16)');
    const integers = { data: new Int32Array(16), dims: [16] };
    expect(refused({}, { ...without, 'model.norm.weight': integers })).toContain('does not hold floating');
    const { 'head0.norm': __, ...fewer } = parameters;
    expect(() => toHuggingFace(shape, fewer)).toThrow('The parameter "head0.norm" is missing');
    expect(() => toHuggingFace(shape, { ...parameters, 'head0.norm': new Float32Array(3) })).toThrow(
      'The parameter "head0.norm" has 3 numbers; a decoder of this shape needs it as (16).',
    );
  });

  test('is refused by the folder', async () => {
    await expect(readHuggingFace(folder)).rejects.toThrow(
      /config\.json cannot be read, the system says ENOENT/,
    );
    writeFileSync(join(folder, 'config.json'), '{');
    await expect(readHuggingFace(folder)).rejects.toThrow(/config\.json is not JSON; name the folder/);
    writeFileSync(join(folder, 'config.json'), '[]');
    await expect(readHuggingFace(folder)).rejects.toThrow(/is not a JSON object/);
    writeFileSync(join(folder, 'config.json'), '{}');
    await expect(readHuggingFace(folder)).rejects.toThrow(/of a model of type unknown/);
    writeFileSync(join(folder, 'config.json'), JSON.stringify(good.config));
    await expect(readHuggingFace(folder)).rejects.toThrow(/holds neither model\.safetensors nor/);
  });
});
