/**
 * Decoders by the names and in the layout of Hugging Face's `LlamaForCausalLM`, `Qwen2ForCausalLM` and
 * `Qwen3ForCausalLM`: plain objects in and out. DeepSeek-R1's distillates are of the first two.
 *
 * Source: transformers, `modeling_llama.py`, `modeling_qwen2.py`, `modeling_qwen3.py`, the configurations beside them,
 * `modeling_rope_utils.py`, and `permute` in `convert_llama_weights_to_hf.py`.
 *
 * @module
 */
import type { TensorData } from '../graph/dtype.ts';
import type { RotaryScaling } from '../graph/ops/rotary.ts';
import { formatShape } from '../graph/shape.ts';
import { checkDecoderShape } from '../nn/check-decoder-shape.ts';
import { type DecoderShape, headWidthOf } from '../nn/decoder-shape.ts';
import { joinTables } from '../nn/join-tables.ts';
import type { Parameters } from '../run/run-state.ts';
import { type Config, type ConfigReader, checkedShape, configReader } from './hugging-face-config.ts';
import { HuggingFaceError } from './hugging-face-error.ts';
import { numbersOf } from './numbers-of.ts';

export { HuggingFaceError } from './hugging-face-error.ts';

/** A decoder as Hugging Face's libraries read it: `config.json` and tensors by name. */
export interface HuggingFaceDecoder {
  readonly config: Config;
  readonly tensors: Readonly<Record<string, TensorData>>;
}

/** What a configuration says beside the shape. */
export interface ToHuggingFaceOptions {
  /** The token that begins a sequence; default: none is stated. */
  readonly beginToken?: number;
  /** The token that ends a sequence; default: none is stated. */
  readonly endToken?: number;
}

/**
 * The configuration and the tensors of a decoder. `parameters` are those of `decoderLoss`, in any number of head parts.
 * Where neighbours are rotated together, the rows of queries and keys change places, since this layout rotates halves.
 *
 * @throws HuggingFaceError (`hugging_face_tensor`) for a parameter that is missing or of another size
 * @throws GraphError for a shape that makes no model
 */
export function toHuggingFace(
  shape: DecoderShape,
  parameters: Parameters,
  { beginToken, endToken }: ToHuggingFaceOptions = {},
): HuggingFaceDecoder {
  checkDecoderShape(shape);
  const { width, heads, rotaryPairs = 'neighbours' } = shape;
  const whole = joinTables(shape, parameters);
  const tensors = Object.fromEntries(
    entriesOf(shape).map(({ ours, theirs, dims, turnedHeads }): [string, TensorData] => {
      const data = whole[ours];
      const length = product(dims);
      if (data?.length !== length)
        throw new HuggingFaceError(
          'hugging_face_tensor',
          `The parameter "${ours}" ${data ? `has ${data.length} numbers` : 'is missing'}; a decoder of this shape needs it as ${formatShape(dims)}.`,
        );
      const isTurned = turnedHeads !== undefined && rotaryPairs === 'neighbours';
      return [theirs, { data: isTurned ? halvesOf(data, dims, turnedHeads) : data.slice(), dims }];
    }),
  );
  const { scaling, ...architecture } = describe(shape);
  const config = {
    ...architecture,
    vocab_size: shape.vocabulary,
    hidden_size: width,
    intermediate_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: headWidthOf(shape),
    hidden_act: 'silu',
    max_position_embeddings: shape.positions,
    rms_norm_eps: shape.epsilon ?? 1e-5,
    rope_theta: shape.rotaryBase ?? 10_000,
    rope_scaling: scaling,
    tie_word_embeddings: shape.tied,
    bos_token_id: beginToken ?? null,
    eos_token_id: endToken ?? null,
  };
  return { config, tensors };
}

/** What the architecture is called, and what is only said of it. */
function describe({ attentionBias = false, queryKeyNorm = false, rotaryScaling }: DecoderShape) {
  const scaling = rotaryScaling ? scalingConfig(rotaryScaling) : null;
  if (queryKeyNorm) {
    if (attentionBias)
      throw new HuggingFaceError(
        'hugging_face_config',
        'A decoder that normalises queries and keys and adds to them besides is of none of the architectures llama, qwen2 and qwen3; leave one of both out.',
      );
    return { architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', attention_bias: false, scaling };
  }
  if (attentionBias)
    return { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', use_sliding_window: false, scaling };
  return {
    ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', attention_bias: false, mlp_bias: false },
    scaling,
  };
}

function scalingConfig(scaling: RotaryScaling): Config {
  if (scaling.kind === 'linear') return { rope_type: 'linear', factor: scaling.factor };
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFrequency,
    high_freq_factor: scaling.highFrequency,
    original_max_position_embeddings: scaling.positions,
  };
}

/** How `fromHuggingFace` arranges what it reads. */
export interface FromHuggingFaceOptions {
  /** What the decoder rotates together; `neighbours` brings rows back to their places. Default `halves`, as they are. */
  readonly rotaryPairs?: 'neighbours' | 'halves';
  /** Fewer positions than the model has, which saves the tables of the others. Default: all. */
  readonly positions?: number;
}

/**
 * The shape and the parameters, by the names of `decoderLoss` in one head part, of a decoder in that layout.
 *
 * @throws HuggingFaceError for a configuration of another architecture (`hugging_face_architecture`), a variant that this
 * decoder doesn't have (`hugging_face_config`), or tensors that are missing, too many or of another shape
 * (`hugging_face_tensor`)
 */
export function fromHuggingFace(
  { config, tensors }: HuggingFaceDecoder,
  { rotaryPairs = 'halves', positions }: FromHuggingFaceOptions = {},
): { shape: DecoderShape; parameters: Parameters } {
  const whole = { ...decoderShapeOf(config), rotaryPairs };
  const shape = { ...whole, positions: Math.min(whole.positions, positions ?? whole.positions) };
  const entries = entriesOf(shape);
  const known = new Set(entries.map(({ theirs }) => theirs));
  // Old files keep a table that follows from the configuration, and tied ones may name their table twice.
  const stranger = Object.keys(tensors).find(
    (name) =>
      !known.has(name) && !name.endsWith('.rotary_emb.inv_freq') && !(shape.tied && name === headName),
  );
  if (stranger !== undefined)
    throw new HuggingFaceError(
      'hugging_face_tensor',
      `The tensor ${stranger} has no place in a decoder of this configuration; take weights and config.json of one model.`,
    );
  const parameters = Object.fromEntries(
    entries.map(({ ours, theirs, dims, turnedHeads }): [string, Float32Array] => {
      const data = numbersOf(theirs, dims, tensors[theirs]);
      const isTurned = turnedHeads !== undefined && rotaryPairs === 'neighbours';
      return [ours, isTurned ? neighboursOf(data, dims, turnedHeads) : data.slice()];
    }),
  );
  return { shape, parameters };
}

const headName = 'lm_head.weight';

interface Entry {
  readonly ours: string;
  readonly theirs: string;
  readonly dims: readonly number[];
  /** Of how many heads the rows are, for those that are rotated. */
  readonly turnedHeads?: number;
}

function entriesOf(shape: DecoderShape): Entry[] {
  const { vocabulary, width, layers, heads, keyValueHeads, hidden, tied } = shape;
  const headWidth = headWidthOf(shape);
  const [queryWidth, keyValueWidth] = [heads * headWidth, keyValueHeads * headWidth];
  const layer = (i: number): Entry[] => {
    const [attention, feedForward, theirs] = [`attention${i}`, `feedForward${i}`, `model.layers.${i}`];
    const projected = (ours: string, name: string, rows: number, turnedHeads?: number): Entry[] => {
      const at = { ours: `${attention}.${ours}`, theirs: `${theirs}.self_attn.${name}` };
      const turned = turnedHeads === undefined ? {} : { turnedHeads };
      return [
        { ours: at.ours, theirs: `${at.theirs}.weight`, dims: [rows, width], ...turned },
        ...(shape.attentionBias
          ? [{ ours: `${at.ours}Bias`, theirs: `${at.theirs}.bias`, dims: [rows], ...turned }]
          : []),
      ];
    };
    const normOf = (part: string, name: string): Entry => ({
      ...{ ours: `${attention}.${part}Norm`, theirs: `${theirs}.self_attn.${name}_norm.weight` },
      ...{ dims: [headWidth], turnedHeads: 1 },
    });
    return [
      { ours: `${attention}.norm`, theirs: `${theirs}.input_layernorm.weight`, dims: [width] },
      ...projected('query', 'q_proj', queryWidth, heads),
      ...projected('key', 'k_proj', keyValueWidth, keyValueHeads),
      ...projected('value', 'v_proj', keyValueWidth),
      ...(shape.queryKeyNorm ? [normOf('query', 'q'), normOf('key', 'k')] : []),
      { ours: `${attention}.output`, theirs: `${theirs}.self_attn.o_proj.weight`, dims: [width, queryWidth] },
      { ours: `${feedForward}.norm`, theirs: `${theirs}.post_attention_layernorm.weight`, dims: [width] },
      { ours: `${feedForward}.gate`, theirs: `${theirs}.mlp.gate_proj.weight`, dims: [hidden, width] },
      { ours: `${feedForward}.up`, theirs: `${theirs}.mlp.up_proj.weight`, dims: [hidden, width] },
      { ours: `${feedForward}.down`, theirs: `${theirs}.mlp.down_proj.weight`, dims: [width, hidden] },
    ];
  };
  return [
    { ours: 'embed.tokens', theirs: 'model.embed_tokens.weight', dims: [vocabulary, width] },
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    { ours: 'head0.norm', theirs: 'model.norm.weight', dims: [width] },
    ...(tied ? [] : [{ ours: 'head0.table', theirs: headName, dims: [vocabulary, width] }]),
  ];
}

/** Rows 2i and 2i + 1 of each head become rows i and i + d/2. */
function halvesOf(data: Float32Array, dims: readonly number[], heads: number): Float32Array {
  return withRowsFrom(data, dims, heads, (row, half) => (row < half ? 2 * row : 2 * (row - half) + 1));
}

/** The way back. */
function neighboursOf(data: Float32Array, dims: readonly number[], heads: number): Float32Array {
  return withRowsFrom(data, dims, heads, (row, half) => (row % 2 === 0 ? row / 2 : half + (row - 1) / 2));
}

function withRowsFrom(
  data: Float32Array,
  [rows, columns = 1]: readonly number[],
  heads: number,
  from: (row: number, half: number) => number,
): Float32Array {
  const headRows = rows / heads;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headRows;
    const source = row - inHead + from(inHead, headRows / 2);
    result.set(data.subarray(source * columns, (source + 1) * columns), row * columns);
  }
  return result;
}

/** The architectures that are read, by their `model_type`. */
export const decoderTypes = ['llama', 'qwen2', 'qwen3'] as const;

const hint =
  'decoders of the architectures llama, qwen2 and qwen3 are read, without variants of attention or feed-forward parts';

/** Whether a configuration is of a decoder of an architecture that is read. */
export function isDecoderConfig({ model_type: type }: Config): boolean {
  return (decoderTypes as readonly unknown[]).includes(type);
}

/**
 * The shape that a configuration asks for, without any weights.
 *
 * @throws HuggingFaceError for another architecture or a variant
 */
export function decoderShapeOf(config: Config): Omit<DecoderShape, 'rotaryPairs'> {
  const type = decoderTypes.find((one) => one === config.model_type);
  if (!type)
    throw new HuggingFaceError(
      'hugging_face_architecture',
      `The configuration is of a model of type ${JSON.stringify(config.model_type) ?? 'unknown'}; ${hint}.`,
    );
  const reader = configReader(config, hint);
  const { number, boolean, expect, refuse } = reader;
  expect('hidden_act', 'silu', 'silu');
  expect('mlp_bias', false, false);
  // What Qwen2 always adds, its configuration doesn't speak of.
  if (type !== 'qwen2') expect('attention_bias', false, false);
  if (boolean('use_sliding_window', false)) refuse('has attention that slides over the text');
  const heads = number('num_attention_heads');
  const width = number('hidden_size');
  // Qwen3 has heads of their own width even where none is stated.
  const headWidth = number('head_dim', type === 'qwen3' ? 128 : width / heads);
  const scaling = rotaryScalingOf(reader);
  const shape = {
    vocabulary: number('vocab_size'),
    width,
    layers: number('num_hidden_layers'),
    heads,
    keyValueHeads: number('num_key_value_heads', heads),
    hidden: number('intermediate_size'),
    positions: number('max_position_embeddings', type === 'llama' ? 2048 : 32_768),
    tied: boolean('tie_word_embeddings', false),
    epsilon: number('rms_norm_eps', 1e-6),
    rotaryBase: rotaryBaseOf(reader),
    ...(headWidth === width / heads ? {} : { headWidth }),
    ...(type === 'qwen2' && { attentionBias: true }),
    ...(type === 'qwen3' && { queryKeyNorm: true }),
    ...(scaling && { rotaryScaling: scaling }),
  };
  return checkedShape(shape, checkDecoderShape, 'decoder');
}

/**
 * How a configuration rotates queries and keys, whatever else it asks for.
 *
 * @throws HuggingFaceError (`hugging_face_config`) for a scaling that isn't known, or without its numbers
 */
export function decoderRotationOf(config: Config): {
  readonly base: number;
  readonly scaling: RotaryScaling | undefined;
} {
  const reader = configReader(config, hint);
  return { base: rotaryBaseOf(reader), scaling: rotaryScalingOf(reader) };
}

/** Rotation is described in one of two places, by the version that wrote the file. */
function rotationOf({
  config: { rope_scaling: scaling, rope_parameters: parameters },
}: ConfigReader): Config[] {
  return [parameters, scaling].flatMap((value) =>
    typeof value === 'object' && value !== null ? [value as Config] : [],
  );
}

function rotaryScalingOf(reader: ConfigReader): RotaryScaling | undefined {
  for (const described of rotationOf(reader)) {
    const kind = described.rope_type ?? described.type ?? 'default';
    if (kind === 'default') continue;
    const number = (name: string): number => {
      const value = described[name];
      return typeof value === 'number' && value > 0
        ? value
        : reader.refuse(`scales the rotation without a number "${name}" above 0`);
    };
    if (kind === 'linear') return { kind, factor: number('factor') };
    if (kind !== 'llama3') return reader.refuse(`scales the rotation by ${JSON.stringify(kind)}`);
    const scaling = {
      kind,
      factor: number('factor'),
      lowFrequency: number('low_freq_factor'),
      highFrequency: number('high_freq_factor'),
      positions: number('original_max_position_embeddings'),
    } as const;
    return scaling.highFrequency > scaling.lowFrequency
      ? scaling
      : reader.refuse('scales the rotation with a "high_freq_factor" that is not above "low_freq_factor"');
  }
  return undefined;
}

function rotaryBaseOf(reader: ConfigReader): number {
  const described = rotationOf(reader).find(({ rope_theta: value }) => value !== undefined);
  const found = described?.rope_theta ?? reader.config.rope_theta ?? 10_000;
  return typeof found === 'number' ? found : reader.refuse('has a "rope_theta" that is no number');
}

const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);
