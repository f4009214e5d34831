/**
 * Decoders by the names and in the layout of Hugging Face's `LlamaForCausalLM`: plain objects in and out.
 *
 * Source: transformers, `modeling_llama.py`, `configuration_llama.py`, and `permute` in `convert_llama_weights_to_hf.py`.
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import type { TensorData } from '../graph/dtype.ts';
import { GraphError } from '../graph/graph.ts';
import { formatShape } from '../graph/shape.ts';
import { checkDecoderShape } from '../nn/check-decoder-shape.ts';
import type { DecoderShape } from '../nn/decoder.ts';
import { joinTables } from '../nn/join-tables.ts';
import type { Parameters } from '../run/run-state.ts';

/** A configuration or weights that make no decoder of ours; the sentence names the field or the tensor. */
export class HuggingFaceError extends KolbenError {}

/** A decoder as Hugging Face's libraries read it: `config.json` and tensors by name. */
export interface HuggingFaceDecoder {
  readonly config: Readonly<Record<string, unknown>>;
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
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: shape.vocabulary,
    hidden_size: width,
    intermediate_size: shape.hidden,
    num_hidden_layers: shape.layers,
    num_attention_heads: heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: width / heads,
    hidden_act: 'silu',
    max_position_embeddings: shape.positions,
    rms_norm_eps: shape.epsilon ?? 1e-5,
    rope_theta: shape.rotaryBase ?? 10_000,
    rope_scaling: null,
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: shape.tied,
    bos_token_id: beginToken ?? null,
    eos_token_id: endToken ?? null,
  };
  return { config, tensors };
}

/** How `fromHuggingFace` arranges what it reads. */
export interface FromHuggingFaceOptions {
  /** What the decoder rotates together; `neighbours` brings rows back to their places. Default `halves`, as they are. */
  readonly rotaryPairs?: 'neighbours' | 'halves';
}

/**
 * The shape and the parameters, by the names of `decoderLoss` in one head part, of a decoder in that layout.
 *
 * @throws HuggingFaceError for a configuration of another architecture, a variant that this decoder doesn't have
 * (biases, scaled rotation, heads of another width), or tensors that are missing, too many or of another shape
 */
export function fromHuggingFace(
  { config, tensors }: HuggingFaceDecoder,
  { rotaryPairs = 'halves' }: FromHuggingFaceOptions = {},
): { shape: DecoderShape; parameters: Parameters } {
  const shape = { ...shapeOf(config), rotaryPairs };
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
      const tensor = tensors[theirs];
      const problem = !tensor
        ? 'is missing'
        : String(tensor.dims) !== String(dims)
          ? `is ${formatShape(tensor.dims)}`
          : !(tensor.data instanceof Float32Array)
            ? 'does not hold floating-point numbers of 32 or 16 bits'
            : undefined;
      if (problem !== undefined)
        throw new HuggingFaceError(
          'hugging_face_tensor',
          `The tensor ${theirs} ${problem}; the configuration asks for ${formatShape(dims)}: take weights and config.json of one model.`,
        );
      const data = tensor.data as Float32Array;
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

function entriesOf({ vocabulary, width, layers, heads, keyValueHeads, hidden, tied }: DecoderShape): Entry[] {
  const keyValueWidth = (width / heads) * keyValueHeads;
  const layer = (i: number): Entry[] => {
    const [attention, feedForward, theirs] = [`attention${i}`, `feedForward${i}`, `model.layers.${i}`];
    return [
      { ours: `${attention}.norm`, theirs: `${theirs}.input_layernorm.weight`, dims: [width] },
      {
        ...{ ours: `${attention}.query`, theirs: `${theirs}.self_attn.q_proj.weight` },
        ...{ dims: [width, width], turnedHeads: heads },
      },
      {
        ...{ ours: `${attention}.key`, theirs: `${theirs}.self_attn.k_proj.weight` },
        ...{ dims: [keyValueWidth, width], turnedHeads: keyValueHeads },
      },
      {
        ...{ ours: `${attention}.value`, theirs: `${theirs}.self_attn.v_proj.weight` },
        dims: [keyValueWidth, width],
      },
      { ours: `${attention}.output`, theirs: `${theirs}.self_attn.o_proj.weight`, dims: [width, width] },
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
  [rows, columns]: readonly number[],
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

/** The shape that a configuration asks for. */
function shapeOf(config: Readonly<Record<string, unknown>>): Omit<DecoderShape, 'rotaryPairs'> {
  const refuse = (what: string): never => {
    throw new HuggingFaceError(
      'hugging_face_config',
      `The configuration ${what}; this decoder is that of LlamaForCausalLM without variants.`,
    );
  };
  const number = (name: string, otherwise?: number): number => {
    const value = config[name] ?? otherwise;
    return typeof value === 'number' ? value : refuse(`has no number "${name}"`);
  };
  const expect = (name: string, wanted: unknown, otherwise: unknown) => {
    const value = config[name] ?? otherwise;
    if (value !== wanted)
      refuse(`has "${name}": ${JSON.stringify(value)}, where ${JSON.stringify(wanted)} is needed`);
  };
  expect('model_type', 'llama', undefined);
  expect('hidden_act', 'silu', 'silu');
  expect('attention_bias', false, false);
  expect('mlp_bias', false, false);
  const heads = number('num_attention_heads');
  const width = number('hidden_size');
  if (number('head_dim', width / heads) !== width / heads)
    refuse(
      `has "head_dim": ${String(config.head_dim)}, where "hidden_size" divided by "num_attention_heads" is needed`,
    );
  const shape = {
    vocabulary: number('vocab_size'),
    width,
    layers: number('num_hidden_layers'),
    heads,
    keyValueHeads: number('num_key_value_heads', heads),
    hidden: number('intermediate_size'),
    positions: number('max_position_embeddings', 2048),
    tied: (config.tie_word_embeddings ?? false) === true,
    epsilon: number('rms_norm_eps', 1e-6),
    rotaryBase: rotaryBaseOf(config, refuse),
  };
  try {
    checkDecoderShape(shape);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new HuggingFaceError(
      'hugging_face_config',
      `The configuration makes no decoder. ${error.message}`,
      { cause: error },
    );
  }
  return shape;
}

/** Rotation is described in one of two places, by the version that wrote the file. */
function rotaryBaseOf(
  { rope_theta: base, rope_scaling: scaling, rope_parameters: parameters }: Readonly<Record<string, unknown>>,
  refuse: (what: string) => never,
): number {
  const described = [parameters, scaling].flatMap((value) =>
    typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : [],
  );
  for (const { rope_type: type, type: oldType } of described) {
    const kind = type ?? oldType ?? 'default';
    if (kind !== 'default') refuse(`scales the rotation by ${JSON.stringify(kind)}`);
  }
  const found = described.find(({ rope_theta: value }) => value !== undefined)?.rope_theta ?? base ?? 10_000;
  return typeof found === 'number' ? found : refuse('has a "rope_theta" that is no number');
}

const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);
