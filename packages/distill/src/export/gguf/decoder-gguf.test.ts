import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GGUFValueType, gguf } from '@huggingface/gguf';
import { type nn, type TensorData, toHuggingFace, writeSafetensors } from '@kolben/engine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ModelFiles } from '../../students/family.ts';
import { bpeFiles } from '../../tokenizers/bpe-files.ts';
import { trainBpe } from '../../tokenizers/train-bpe.ts';
import { decoderGguf } from './decoder-gguf.ts';
import { GgufError } from './gguf-error.ts';
import { type GgufMetadata, type GgufTensor, ggufLength, ggufParts } from './gguf-file.ts';

/** What another program reads in the bytes. */
async function read(bytes: Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'kolben-gguf-'));
  try {
    const path = join(folder, 'model.gguf');
    await writeFile(path, bytes);
    const parsed = await gguf(path, { allowLocalFile: true, typedMetadata: true });
    return parsed as typeof parsed & {
      metadata: Record<string, unknown>;
      typedMetadata: Record<string, { type: GGUFValueType; subType?: GGUFValueType; value: unknown }>;
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const all = (parts: Iterable<Uint8Array>) => Buffer.concat([...parts]);

describe('a GGUF file', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const value = fc.oneof(
    fc.nat(2 ** 32 - 1).map((value) => ({ type: 'uint32', value }) as const),
    fc.float({ noNaN: true }).map((value) => ({ type: 'float32', value }) as const),
    fc.boolean().map((value) => ({ type: 'bool', value }) as const),
    text.map((value) => ({ type: 'string', value }) as const),
    fc
      .array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))
      .map((value) => ({ type: 'int32s', value }) as const),
    fc.array(fc.float({ noNaN: true })).map((value) => ({ type: 'float32s', value }) as const),
    fc.array(text).map((value) => ({ type: 'strings', value }) as const),
  );
  const tensor = fc.record({
    dims: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    halves: fc.boolean(),
  });

  test('is read by another program as it was meant', async () => {
    const entries = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}$/), value, { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(entries, fc.array(tensor, { maxLength: 5 }), async (metadata, shapes) => {
        const tensors = shapes.map(({ dims, halves }, i): GgufTensor => {
          const length = dims.reduce((product, dim) => product * dim, 1);
          const numbers = Array.from({ length }, (_, k) => k + i);
          return {
            name: `t${i}`,
            dims,
            data: halves ? Uint16Array.from(numbers) : Float32Array.from(numbers),
          };
        });
        const bytes = all(ggufParts(metadata as GgufMetadata, tensors));
        expect(bytes.length).toBe(ggufLength(metadata as GgufMetadata, tensors));
        const found = await read(bytes);
        for (const [name, { value }] of Object.entries(metadata)) expect(found.metadata[name]).toEqual(value);
        expect(Number(found.metadata.kv_count)).toBe(Object.keys(metadata).length);
        expect(found.tensorInfos.length).toBe(tensors.length);
        expect(Number(found.tensorDataOffset) % 32).toBe(0);
        for (const [i, { name, shape, dtype, offset }] of found.tensorInfos.entries()) {
          const { dims, data } = tensors[i];
          expect({ name, shape, dtype }).toEqual({
            name: `t${i}`,
            shape: dims.toReversed().map(BigInt),
            dtype: data instanceof Float32Array ? 0 : 1,
          });
          expect(Number(offset) % 32).toBe(0);
          const from = Number(found.tensorDataOffset) + Number(offset);
          const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
          expect(bytes.subarray(from, from + data.byteLength).equals(raw)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});

const encoded = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decoded = (bytes: Uint8Array | undefined) =>
  JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;

const bpe = trainBpe(['the dog and the ball', 'the dogs, the balls'], {
  special: ['<|end|>', '<|answer|>'],
  vocabulary: 270,
  leastCount: 2,
});
const { tokenizer, config: tokenizerConfig } = bpeFiles(bpe, {
  after: ['<|answer|>'],
  end: '<|end|>',
  limit: 16,
});
const shape: nn.DecoderShape = {
  vocabulary: bpe.tokens.length + 3,
  width: 8,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  hidden: 12,
  positions: 32,
  tied: false,
  rotaryPairs: 'halves',
};
const { width, hidden, vocabulary } = shape;

/** Every number is its place, so that one sees where it went. */
function made(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => i);
}

const { config, tensors } = toHuggingFace(
  shape,
  {
    'embed.tokens': made(vocabulary * width),
    ...Object.fromEntries(
      [0, 1].flatMap((layer): [string, Float32Array][] => [
        [`attention${layer}.norm`, made(width)],
        [`attention${layer}.query`, made(width * width)],
        [`attention${layer}.key`, made((width / 2) * width)],
        [`attention${layer}.value`, made((width / 2) * width)],
        [`attention${layer}.output`, made(width * width)],
        [`feedForward${layer}.norm`, made(width)],
        [`feedForward${layer}.gate`, made(hidden * width)],
        [`feedForward${layer}.up`, made(hidden * width)],
        [`feedForward${layer}.down`, made(hidden * width)],
      ]),
    ),
    'head0.norm': made(width),
    'head0.table': made(vocabulary * width),
  },
  { endToken: 0 },
);

interface Changes {
  readonly config?: Record<string, unknown>;
  readonly tensors?: Record<string, TensorData>;
  readonly tokenizer?: unknown;
}

function filesWith(changes: Changes = {}): ModelFiles {
  return new Map([
    ['config.json', encoded({ ...config, ...changes.config })],
    ['model.safetensors', writeSafetensors({ ...tensors, ...changes.tensors })],
    ['tokenizer.json', encoded(changes.tokenizer ?? tokenizer)],
    ['tokenizer_config.json', encoded(tokenizerConfig)],
  ]);
}

const options = { name: 'answers', halves: false };

describe('a decoder as GGUF', () => {
  test('says what it is, by the names of llama.cpp', async () => {
    const file = decoderGguf(filesWith(), options);
    const bytes = all(file.parts());
    expect(bytes.length).toBe(file.bytes);
    const { metadata, typedMetadata, tensorInfos } = await read(bytes);
    expect(metadata).toMatchObject({
      'general.architecture': 'llama',
      'general.name': 'answers',
      'llama.block_count': 2,
      'llama.context_length': 32,
      'llama.attention.head_count': 2,
      'llama.attention.head_count_kv': 1,
      'llama.rope.dimension_count': 4,
      'tokenizer.ggml.model': 'gpt2',
      'tokenizer.ggml.pre': 'qwen35',
      'tokenizer.ggml.eos_token_id': 0,
      'tokenizer.ggml.add_bos_token': false,
      'tokenizer.ggml.add_eos_token': false,
      'tokenizer.chat_template': "{{ messages[-1]['content'] }}<|answer|>",
    });
    expect(typedMetadata['llama.rope.freq_base']).toMatchObject({
      type: GGUFValueType.FLOAT32,
      value: 10_000,
    });
    const tokens = metadata['tokenizer.ggml.tokens'] as string[];
    expect(tokens).toEqual([...bpe.tokens, ...[0, 1, 2].map((i) => `[PAD${bpe.tokens.length + i}]`)]);
    const kinds = metadata['tokenizer.ggml.token_type'] as number[];
    expect(kinds.slice(0, 3)).toEqual([3, 3, 1]);
    expect(kinds.slice(-3)).toEqual([5, 5, 5]);
    expect((metadata['tokenizer.ggml.merges'] as string[]).length).toBe(bpe.merges.length);
    expect(tensorInfos.map(({ name }) => name).slice(0, 3)).toEqual([
      'token_embd.weight',
      'blk.0.attn_k.weight',
      'blk.0.attn_norm.weight',
    ]);
    expect(tensorInfos.find(({ name }) => name === 'blk.1.ffn_down.weight')?.shape).toEqual([12n, 8n]);
    expect(tensorInfos.length).toBe(3 + 2 * 9);
  });

  test('rotates neighbours as Llama, halves as Qwen, and keeps vectors in 32 bits', async () => {
    const rows = async (changes: Changes, halves = false) => {
      const bytes = all(decoderGguf(filesWith(changes), { ...options, halves }).parts());
      const { tensorInfos, tensorDataOffset } = await read(bytes);
      const of = (name: string) => tensorInfos.find((info) => info.name === name)!;
      const numbers = (name: string, length: number) => {
        const from = Number(tensorDataOffset) + Number(of(name).offset);
        return Array.from({ length }, (_, i) => bytes.readFloatLE(from + 4 * i));
      };
      return { of, numbers };
    };
    const llama = await rows({});
    const firsts = llama.numbers('blk.0.attn_q.weight', 64).filter((_, i) => i % 8 === 0);
    expect(firsts.map((first) => first / 8)).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    const bias = (length: number) => ({ data: made(length), dims: [length] });
    const biases = Object.fromEntries(
      [0, 1].flatMap((layer) => [
        [`model.layers.${layer}.self_attn.q_proj.bias`, bias(8)],
        [`model.layers.${layer}.self_attn.k_proj.bias`, bias(4)],
        [`model.layers.${layer}.self_attn.v_proj.bias`, bias(4)],
      ]),
    );
    const qwen = await rows({ config: { model_type: 'qwen2' }, tensors: biases });
    expect(qwen.numbers('blk.0.attn_q.weight', 64)).toEqual([...made(64)]);
    expect(qwen.numbers('blk.1.attn_k.bias', 4)).toEqual([0, 1, 2, 3]);
    const halved = await rows({}, true);
    expect(halved.of('blk.0.attn_q.weight').dtype).toBe(1);
    expect(halved.of('blk.0.attn_norm.weight').dtype).toBe(0);
  });

  test('stretches the wave lengths of its rotation as its configuration says', async () => {
    const scaled = async (scaling: object) => {
      const bytes = all(decoderGguf(filesWith({ config: { rope_scaling: scaling } }), options).parts());
      return { bytes, ...(await read(bytes)) };
    };
    const linear = await scaled({ type: 'linear', factor: 4 });
    expect(linear.metadata).toMatchObject({
      'llama.rope.scaling.type': 'linear',
      'llama.rope.scaling.factor': 4,
    });
    // Waves of 2π and of 200π positions: the first as it was, the second eight times as long.
    const steps = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 64 };
    const { bytes, tensorInfos, tensorDataOffset, metadata } = await scaled({
      ...{ rope_type: 'llama3', factor: 8, ...steps },
    });
    expect(metadata['llama.rope.scaling.type']).toBeUndefined();
    const { offset, shape: dims } = tensorInfos.find(({ name }) => name === 'rope_freqs.weight')!;
    expect(dims).toEqual([2n]);
    const from = Number(tensorDataOffset) + Number(offset);
    expect([0, 4].map((at) => bytes.readFloatLE(from + at))).toEqual([1, 8]);
  });

  test('is refused in a sentence where it could not say what the model is', () => {
    const cut = (pre_tokenizer: unknown) => ({ ...tokenizer, pre_tokenizer });
    const cases: [Changes, string, RegExp][] = [
      [{ config: { model_type: 'neobert' } }, 'gguf_architecture', /of the type "neobert"/],
      [{ config: { model_type: undefined } }, 'gguf_architecture', /this is none/],
      [{ config: { hidden_size: 'x' } }, 'gguf_architecture', /hidden_size/],
      [
        { config: { rope_scaling: { rope_type: 'yarn', factor: 8 } } },
        'gguf_architecture',
        /scaled \(yarn\).*linear and llama3/,
      ],
      [
        { config: { model_type: 'qwen2', rope_scaling: { rope_type: 'llama3', factor: 8 } } },
        'gguf_architecture',
        /scaled \(llama3\).*qwen2 only linear/,
      ],
      [{ config: { use_sliding_window: true } }, 'gguf_architecture', /use_sliding_window/],
      [{ config: { num_hidden_layers: 3 } }, 'gguf_tensor', /layers\.2\.input_layernorm\.weight is missing/],
      [{ config: { num_hidden_layers: 1 } }, 'gguf_tensor', /layers\.1\.\S+ has no place/],
      [{ config: { intermediate_size: 16 } }, 'gguf_tensor', /asks for \(16, 8\)|asks for \(8, 16\)/],
      [{ config: { model_type: 'qwen3' } }, 'gguf_tensor', /[qk]_norm\.weight is missing/],
      [{ tensors: { extra: { data: made(1), dims: [1] } } }, 'gguf_tensor', /extra has no place/],
      [{ tokenizer: { model: { type: 'WordPiece' } } }, 'gguf_tokenizer', /none of a BPE/],
      [{ tokenizer: cut({ type: 'Whitespace' }) }, 'gguf_tokenizer', /has no name/],
      [{ tokenizer: { ...tokenizer, normalizer: { type: 'Lowercase' } } }, 'gguf_tokenizer', /Lowercase/],
      [{ config: { vocab_size: 100 }, tokenizer }, 'gguf_tokenizer', /the model has 100 tokens/],
    ];
    for (const [changes, code, message] of cases) {
      const write = () => decoderGguf(filesWith(changes), options);
      expect(write).toThrow(GgufError);
      expect(write).toThrow(message);
      expect(write).toThrow(expect.objectContaining({ code }));
    }
    expect(() => decoderGguf(new Map(), options)).toThrow(/There is no config.json/);
    const unsaid = { config: { rope_scaling: { rope_type: 'llama3', factor: 8 } } };
    expect(() => decoderGguf(filesWith(unsaid), options)).toThrow(
      expect.objectContaining({
        code: 'hugging_face_config',
        message: expect.stringMatching(/low_freq_factor/),
      }),
    );
    const broken = new Map([...filesWith(), ['tokenizer.json', new TextEncoder().encode('{')] as const]);
    expect(() => decoderGguf(broken, options)).toThrow(/tokenizer.json is not JSON/);
    expect(decoded(filesWith().get('config.json')).model_type).toBe('llama');
  });

  test('knows the ways to cut words that llama.cpp has names for', async () => {
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
    const split = (Regex: string) => ({
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex }, behavior: 'Isolated' }, byteLevel],
    });
    const llama3 = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
    const names: [unknown, string][] = [
      [{ type: 'ByteLevel', add_prefix_space: false, use_regex: true }, 'gpt-2'],
      [split(llama3), 'llama-bpe'],
      [split(llama3.replace('{1,3}', '')), 'qwen2'],
      [
        {
          type: 'Sequence',
          pretokenizers: [
            { type: 'Digits', individual_digits: true },
            { ...byteLevel, use_regex: true },
          ],
        },
        'smollm',
      ],
    ];
    for (const [pre_tokenizer, name] of names) {
      const file = decoderGguf(filesWith({ tokenizer: { ...tokenizer, pre_tokenizer } }), options);
      expect((await read(all(file.parts()))).metadata['tokenizer.ggml.pre']).toBe(name);
    }
  });
});
