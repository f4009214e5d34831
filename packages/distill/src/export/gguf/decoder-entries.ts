/**
 * A decoder in Hugging Face's layout by the names and in the layout of llama.cpp.
 *
 * What differs is the rotation: Hugging Face's weights rotate the halves of a head together, as llama.cpp does for Qwen,
 * while for Llama it rotates neighbours; there, the rows of queries and keys change places. Sources: llama.cpp,
 * `convert_hf_to_gguf.py` and `gguf-py/gguf/tensor_mapping.py`.
 *
 * @module
 */
import { decoderRotationOf, ops, type TensorData } from '@kolben/engine';
import { z } from 'zod';
import { GgufError } from './gguf-error.ts';
import type { GgufMetadata } from './gguf-file.ts';

const count = z.int().positive();

const configSchema = z.looseObject({
  model_type: z.string(),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: z.unknown().optional(),
  rope_parameters: z
    .looseObject({ rope_theta: z.number().positive().nullish(), rope_type: z.string().nullish() })
    .nullish(),
  use_sliding_window: z.boolean().nullish(),
  tie_word_embeddings: z.boolean().nullish(),
});

export type DecoderConfig = z.infer<typeof configSchema>;

interface Architecture {
  /** Whether llama.cpp rotates neighbours there. */
  readonly neighbours: boolean;
  /** The ways of stretching wave lengths that it reads there. */
  readonly scalings: readonly string[];
}

/** Architectures that both sides know by the same name. */
const architectures: ReadonlyMap<string, Architecture> = new Map([
  ['llama', { neighbours: true, scalings: ['linear', 'llama3'] }],
  ['qwen2', { neighbours: false, scalings: ['linear'] }],
  ['qwen3', { neighbours: false, scalings: ['linear'] }],
]);

/**
 * @throws GgufError (`gguf_architecture`) for a configuration of something else than such a decoder, or of a variant
 * that the file couldn't say
 * @throws HuggingFaceError (`hugging_face_config`) for a scaling whose numbers are missing or make none
 */
export function decoderConfig(config: unknown): DecoderConfig {
  const type = (config as { model_type?: unknown } | null)?.model_type;
  if (typeof type !== 'string' || !architectures.has(type))
    throw new GgufError(
      'gguf_architecture',
      `GGUF holds decoders of the types ${[...architectures.keys()].join(', ')}, and this is ${typeof type === 'string' ? `of the type ${JSON.stringify(type)}` : 'none'}: export it to onnx or hf.`,
    );
  const read = configSchema.safeParse(config);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new GgufError(
      'gguf_architecture',
      `config.json makes no decoder: ${issue.path.join('.')}: ${issue.message}; take the one that belongs to the weights.`,
    );
  }
  const { rope_scaling: scaling, rope_parameters: rope, use_sliding_window: sliding } = read.data;
  const kind = (scaling as { rope_type?: string; type?: string } | null | undefined) ?? undefined;
  const rotation = rope?.rope_type ?? kind?.rope_type ?? kind?.type ?? 'default';
  const scalings = architectures.get(type)!.scalings;
  if (rotation !== 'default' && !scalings.includes(rotation))
    throw new GgufError(
      'gguf_architecture',
      `The rotation is scaled (${rotation}), and of a decoder of the type ${type} only ${scalings.join(' and ')} scaling can be written to GGUF: export it to hf and convert it with llama.cpp.`,
    );
  // Names what is missing before any weights are read.
  decoderRotationOf(read.data);
  if (sliding === true)
    throw new GgufError(
      'gguf_architecture',
      'Attention looks back over a window only (use_sliding_window), which is not written to GGUF: export it to hf.',
    );
  return read.data;
}

/** The sizes, by llama.cpp's names. */
export function decoderEntries(config: DecoderConfig): GgufMetadata {
  const { model_type: type, num_attention_heads: heads } = config;
  const { base, scaling } = decoderRotationOf(config);
  const uint32 = (value: number) => ({ type: 'uint32', value }) as const;
  const float32 = (value: number) => ({ type: 'float32', value }) as const;
  return {
    [`${type}.vocab_size`]: uint32(config.vocab_size),
    [`${type}.context_length`]: uint32(config.max_position_embeddings),
    [`${type}.embedding_length`]: uint32(config.hidden_size),
    [`${type}.block_count`]: uint32(config.num_hidden_layers),
    [`${type}.feed_forward_length`]: uint32(config.intermediate_size),
    [`${type}.attention.head_count`]: uint32(heads),
    [`${type}.attention.head_count_kv`]: uint32(config.num_key_value_heads ?? heads),
    [`${type}.attention.key_length`]: uint32(headWidth(config)),
    [`${type}.attention.value_length`]: uint32(headWidth(config)),
    [`${type}.attention.layer_norm_rms_epsilon`]: float32(config.rms_norm_eps),
    [`${type}.rope.freq_base`]: float32(base),
    [`${type}.rope.dimension_count`]: uint32(headWidth(config)),
    ...(scaling?.kind === 'linear' && {
      [`${type}.rope.scaling.type`]: { type: 'string', value: 'linear' } as const,
      [`${type}.rope.scaling.factor`]: float32(scaling.factor),
    }),
  };
}

/** By what each wave's frequency is divided, which llama.cpp reads from a tensor: (head width / 2). */
function frequencyDivisors(config: DecoderConfig): NamedTensor[] {
  const { base, scaling } = decoderRotationOf(config);
  if (scaling?.kind !== 'llama3') return [];
  const half = headWidth(config) / 2;
  const data = Float32Array.from({ length: half }, (_, i) => {
    const frequency = base ** (-i / half);
    return frequency / ops.scaledFrequency(frequency, scaling);
  });
  return [{ name: 'rope_freqs.weight', dims: [half], data }];
}

export interface NamedTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const perModel: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};
const perLayer: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

/**
 * The tensors by llama.cpp's names, in the order of the layers.
 *
 * @throws GgufError (`gguf_tensor`) for a tensor that is missing, of another shape than `config` says, or unknown
 */
export function decoderTensors(
  config: DecoderConfig,
  tensors: Readonly<Record<string, TensorData>>,
): NamedTensor[] {
  const { num_attention_heads: heads, num_hidden_layers: layers } = config;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const tied = config.tie_word_embeddings ?? false;
  const names = Object.keys(tensors).filter(
    // Old files keep a table that follows from the configuration, and tied ones may name their table twice.
    (name) => !name.endsWith('.rotary_emb.inv_freq') && !(tied && name === 'lm_head.weight'),
  );
  const placed = names.map((name) => ({ name, place: placeOf(name, layers) }));
  const missing = [
    'model.embed_tokens.weight',
    'model.norm.weight',
    ...(tied ? [] : ['lm_head.weight']),
    ...Array.from({ length: layers }, (_, layer) =>
      Object.keys(perLayer)
        .filter((part) => !/[qk]_norm$/.test(part) || config.model_type === 'qwen3')
        .map((part) => `model.layers.${layer}.${part}.weight`),
    ).flat(),
  ].find((name) => tensors[name] === undefined);
  if (missing !== undefined)
    throw new GgufError(
      'gguf_tensor',
      `The tensor ${missing} is missing; take weights and config.json of one model.`,
    );
  const turned: Readonly<Record<string, number>> = { attn_q: heads, attn_k: keyValueHeads };
  const own = placed
    .sort((a, b) => a.place.order - b.place.order || (a.place.name < b.place.name ? -1 : 1))
    .map(({ name, place }) => {
      const { data, dims } = tensors[name];
      if (!(data instanceof Float32Array))
        throw new GgufError(
          'gguf_tensor',
          `The tensor ${name} does not hold floating-point numbers of 32 or 16 bits; take weights that aren't quantised.`,
        );
      checkShape(name, place.part, place.kind, dims, config);
      const count = architectures.get(config.model_type)?.neighbours ? turned[place.part] : undefined;
      return { name: place.name, dims, data: count === undefined ? data : neighbours(data, dims[0], count) };
    });
  return [...frequencyDivisors(config), ...own];
}

interface Place {
  readonly name: string;
  readonly part: string;
  readonly kind: string;
  /** -1 before all layers, their number after them. */
  readonly order: number;
}

function placeOf(name: string, layers: number): Place {
  const [, whole, kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  const outer = perModel[whole];
  if (outer !== undefined && kind === 'weight')
    return { name: `${outer}.weight`, part: outer, kind, order: outer === 'token_embd' ? -1 : layers };
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)$/.exec(whole ?? '') ?? [];
  const inner = perLayer[part];
  if (inner === undefined || Number(layer) >= layers || (kind === 'bias' && inner.endsWith('norm')))
    throw new GgufError(
      'gguf_tensor',
      `The tensor ${name} has no place in a decoder of this configuration; take weights and config.json of one model.`,
    );
  return { name: `blk.${layer}.${inner}.${kind}`, part: inner, kind, order: Number(layer) };
}

function checkShape(
  name: string,
  part: string,
  kind: string,
  dims: readonly number[],
  config: DecoderConfig,
): void {
  const {
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: hidden,
    num_attention_heads: heads,
  } = config;
  const queries = heads * headWidth(config);
  const keys = (config.num_key_value_heads ?? heads) * headWidth(config);
  const shapes: Readonly<Record<string, readonly number[]>> = {
    token_embd: [vocabulary, width],
    output: [vocabulary, width],
    output_norm: [width],
    attn_norm: [width],
    ffn_norm: [width],
    attn_q: [queries, width],
    attn_k: [keys, width],
    attn_v: [keys, width],
    attn_output: [width, queries],
    attn_q_norm: [headWidth(config)],
    attn_k_norm: [headWidth(config)],
    ffn_gate: [hidden, width],
    ffn_up: [hidden, width],
    ffn_down: [width, hidden],
  };
  const wanted = kind === 'bias' ? shapes[part].slice(0, 1) : shapes[part];
  if (String(dims) !== String(wanted))
    throw new GgufError(
      'gguf_tensor',
      `The tensor ${name} is (${dims.join(', ')}), and the configuration asks for (${wanted.join(', ')}); take weights and config.json of one model.`,
    );
}

function headWidth({
  head_dim: given,
  hidden_size: width,
  num_attention_heads: heads,
}: DecoderConfig): number {
  return given ?? width / heads;
}

/** Rows of heads in halves, (2, d/2) each, with those that are rotated together side by side: (d/2, 2). */
function neighbours(data: Float32Array, rows: number, heads: number): Float32Array {
  const columns = data.length / rows;
  const [width, half] = [rows / heads, rows / heads / 2];
  const moved = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const [head, place] = [Math.floor(row / width), row % width];
    const to = head * width + 2 * (place % half) + Math.floor(place / half);
    moved.set(data.subarray(row * columns, (row + 1) * columns), to * columns);
  }
  return moved;
}
