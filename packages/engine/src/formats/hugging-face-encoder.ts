/**
 * Encoders of texts by the names and in the layout of Hugging Face's classes, `BertModel`, `RobertaModel`,
 * `DistilBertModel`, `ModernBertModel` and their classes for classification: plain objects in and out.
 *
 * Source: transformers, `modeling_bert.py`, `modeling_roberta.py`, `modeling_distilbert.py`, `modeling_modernbert.py` and
 * the configurations beside them.
 *
 * @module
 */
import type { TensorData } from '../graph/dtype.ts';
import {
  type Activation,
  type BertShape,
  checkTextEncoderShape,
  type ModernBertShape,
  type TextEncoderShape,
} from '../nn/text-encoder-shape.ts';
import type { Parameters } from '../run/run-state.ts';
import {
  type Config,
  type ConfigReader,
  checkedShape,
  configReader,
  readConfigFile,
} from './hugging-face-config.ts';
import { HuggingFaceError } from './hugging-face-error.ts';
import { numbersOf } from './numbers-of.ts';
import { readSafetensorsFiles } from './safetensors-files.ts';

/** The architectures that are read, by their `model_type`. */
export const encoderTypes = ['bert', 'roberta', 'distilbert', 'modernbert'] as const;

type EncoderType = (typeof encoderTypes)[number];

/** An encoder in parts: its shape, its parameters by the names of `textClassifier`, and how it was described. */
export interface HuggingFaceEncoder {
  readonly shape: TextEncoderShape;
  /** Without `head.classes…` unless they were asked for; with `head.dense…` where the checkpoint has them. */
  readonly parameters: Parameters;
  readonly config: Config;
}

/** What `fromHuggingFaceEncoder` reads beside the encoder. */
export interface FromHuggingFaceEncoderOptions {
  /** The classifier's last matrix too, with so many classes. Default: it is left out, whatever it is. */
  readonly classes?: number;
}

/** Whether a configuration is of an encoder of an architecture that is read. */
export function isEncoderConfig({ model_type: type }: Config): boolean {
  return (encoderTypes as readonly unknown[]).includes(type);
}

/**
 * The shape and the parameters of an encoder in that layout, whatever head it had before. Heads for other jobs are left
 * out; whatever else is too much, too little or of another shape is refused.
 *
 * @throws HuggingFaceError for an architecture that isn't read (`hugging_face_architecture`), a configuration of a
 * variant that isn't (`hugging_face_config`), tensors that aren't those of the configuration (`hugging_face_tensor`)
 */
export function fromHuggingFaceEncoder(
  { config, tensors }: { readonly config: Config; readonly tensors: Readonly<Record<string, TensorData>> },
  { classes }: FromHuggingFaceEncoderOptions = {},
): HuggingFaceEncoder {
  const { type, shape } = describedBy(config);
  const layout = layoutOf(type, shape, classes);
  const own = Object.entries(tensors).flatMap(([given, tensor]): [string, TensorData][] => {
    const name = plainName(given, layout.prefix);
    return layout.isForeign(name) ? [] : [[name, tensor]];
  });
  const found = new Map(own);
  const known = new Set([...layout.entries, ...layout.optional].map(({ theirs }) => theirs));
  const stranger = [...found.keys()].find((name) => !known.has(name));
  if (stranger !== undefined)
    throw new HuggingFaceError(
      'hugging_face_tensor',
      `The tensor ${stranger} has no place in an encoder of this configuration; take weights and config.json of one model.`,
    );
  const optional = layout.optional.filter(({ theirs }) => found.has(theirs));
  const parameters: Record<string, Float32Array> = {};
  for (const entry of [...layout.entries, ...optional]) {
    const { theirs, dims, ours } = entry;
    const data = numbersOf(theirs, dims, found.get(theirs));
    const size = data.length / ours.length;
    for (const [part, name] of ours.entries()) parameters[name] = data.slice(part * size, (part + 1) * size);
  }
  // A head that is there in part would begin half trained.
  const missing = layout.optional.find(({ theirs }) => !found.has(theirs));
  if (missing && optional.length > 0)
    for (const { ours } of layout.optional) for (const name of ours) delete parameters[name];
  return { shape, parameters, config };
}

/**
 * Reads an encoder from a folder with `config.json` and weights in one or several safetensors files.
 *
 * @throws HuggingFaceError, SafetensorsError for what is missing, damaged or another model
 */
export async function readHuggingFaceEncoder(
  folder: string,
  options: FromHuggingFaceEncoderOptions = {},
): Promise<HuggingFaceEncoder> {
  const config = await readConfigFile(folder);
  // An unknown architecture is known by its configuration: nobody waits for gigabytes to be told.
  describedBy(config);
  const { tensors } = await readSafetensorsFiles(folder);
  return fromHuggingFaceEncoder({ config, tensors }, options);
}

/** The shape that a configuration describes, without any weights. */
export function encoderShapeOf(config: Config): TextEncoderShape {
  return describedBy(config).shape;
}

/**
 * The tensors of a classifier by the names of Hugging Face's class for it, and the name of that class.
 *
 * @param model `parameters` by the names of `textClassifier`, adapters merged; `config` of the base that it stands on,
 * whose architecture it keeps
 * @throws HuggingFaceError (`hugging_face_tensor`) for a parameter that is missing or of another size
 */
export function toHuggingFaceClassifier(
  model: HuggingFaceEncoder,
  classes: number,
): { readonly architecture: string; readonly tensors: Readonly<Record<string, TensorData>> } {
  const { shape, parameters, config } = model;
  const { type } = describedBy(config);
  const { entries, optional, prefix, architecture } = layoutOf(type, shape, classes);
  const tensors = [...entries, ...optional].map(({ ours, theirs, dims }): [string, TensorData] => {
    const data = new Float32Array(product(dims));
    const size = data.length / ours.length;
    for (const [part, name] of ours.entries()) {
      const values = parameters[name];
      if (values?.length !== size)
        throw new HuggingFaceError(
          'hugging_face_tensor',
          `The parameter "${name}" ${values ? `has ${values.length} numbers` : 'is missing'}; an encoder of this shape needs ${size} for ${theirs}.`,
        );
      data.set(values, part * size);
    }
    return [isOfHead(theirs) ? theirs : `${prefix}${theirs}`, { data, dims }];
  });
  return { architecture, tensors: Object.fromEntries(tensors) };
}

/** A tensor of theirs, and the parameters of ours that lie in it one after the other. */
interface Entry {
  readonly ours: readonly string[];
  readonly theirs: string;
  readonly dims: readonly number[];
}

interface Layout {
  readonly architecture: string;
  /** What stands before the names of the encoder's tensors, unless the file holds the encoder alone. */
  readonly prefix: string;
  /** Their names are without the prefix. */
  readonly entries: readonly Entry[];
  /** What a checkpoint may leave out, all of it or nothing: the first part of the head. */
  readonly optional: readonly Entry[];
  /** What is left out: heads for other jobs, and tables that follow from the configuration. */
  readonly isForeign: (name: string) => boolean;
}

/** Names that stand outside the encoder and have no prefix: BERT's pooler is inside, the others' heads aren't. */
const isOfHead = (name: string) => /^(classifier|pre_classifier|head)\./.test(name);

/** Without the prefix, and with old names of normalisation replaced. */
function plainName(name: string, prefix: string): string {
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return own.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
}

function layoutOf(type: EncoderType, shape: TextEncoderShape, classes: number | undefined): Layout {
  if (shape.kind === 'modernBert') return modernBertLayout(shape, classes);
  return type === 'distilbert' ? distilBertLayout(shape, classes) : bertLayout(type, shape, classes);
}

/** A matrix and what is added, by the names of `project`. */
function matrix(ours: string, theirs: string, outputs: number, inputs: number): Entry[] {
  return [
    { ours: [ours], theirs: `${theirs}.weight`, dims: [outputs, inputs] },
    { ours: [`${ours}Bias`], theirs: `${theirs}.bias`, dims: [outputs] },
  ];
}

/** Gain and bias, or weights and bias of a matrix of the head. */
function pair(ours: [string, string], theirs: string, dims: readonly number[]): Entry[] {
  return [
    { ours: [ours[0]], theirs: `${theirs}.weight`, dims },
    { ours: [ours[1]], theirs: `${theirs}.bias`, dims: [dims[0]] },
  ];
}

const normPair = (ours: string, theirs: string, width: number) =>
  pair([`${ours}.gain`, `${ours}.bias`], theirs, [width]);

const headPair = (ours: string, theirs: string, outputs: number, inputs: number) =>
  pair([`head.${ours}.weight`, `head.${ours}.bias`], theirs, [outputs, inputs]);

function bertLayout(type: EncoderType, shape: BertShape, classes: number | undefined): Layout {
  const { vocabulary, width, layers, hidden, positions, firstPosition, types } = shape;
  const isRoberta = type === 'roberta';
  const layer = (i: number): Entry[] => {
    const [attention, feedForward, theirs] = [`attention${i}`, `feedForward${i}`, `encoder.layer.${i}`];
    return [
      ...(['query', 'key', 'value'] as const).flatMap((part) =>
        matrix(`${attention}.${part}`, `${theirs}.attention.self.${part}`, width, width),
      ),
      ...matrix(`${attention}.output`, `${theirs}.attention.output.dense`, width, width),
      ...normPair(`${attention}.norm`, `${theirs}.attention.output.LayerNorm`, width),
      ...matrix(`${feedForward}.up`, `${theirs}.intermediate.dense`, hidden, width),
      ...matrix(`${feedForward}.down`, `${theirs}.output.dense`, width, hidden),
      ...normPair(`${feedForward}.norm`, `${theirs}.output.LayerNorm`, width),
    ];
  };
  const last = isRoberta ? 'classifier.out_proj' : 'classifier';
  return {
    architecture: isRoberta ? 'RobertaForSequenceClassification' : 'BertForSequenceClassification',
    prefix: isRoberta ? 'roberta.' : 'bert.',
    entries: [
      { ours: ['embed.tokens'], theirs: 'embeddings.word_embeddings.weight', dims: [vocabulary, width] },
      {
        ours: ['embed.positions'],
        theirs: 'embeddings.position_embeddings.weight',
        dims: [firstPosition + positions, width],
      },
      ...(types === 0
        ? []
        : [
            {
              ours: ['embed.types'],
              theirs: 'embeddings.token_type_embeddings.weight',
              dims: [types, width],
            },
          ]),
      ...normPair('embed.norm', 'embeddings.LayerNorm', width),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      ...(classes === undefined ? [] : headPair('classes', last, classes, width)),
    ],
    optional: headPair('dense', isRoberta ? 'classifier.dense' : 'pooler.dense', width, width),
    isForeign: (name) =>
      name === 'embeddings.position_ids' ||
      name === 'embeddings.token_type_ids' ||
      /^(cls|lm_head|qa_outputs)\./.test(name) ||
      // RoBERTa's pooler is BERT's by name, and no classifier of its own uses it.
      (isRoberta && name.startsWith('pooler.')) ||
      (classes === undefined && /^classifier\.(out_proj\.)?(weight|bias)$/.test(name)),
  };
}

function distilBertLayout(shape: BertShape, classes: number | undefined): Layout {
  const { vocabulary, width, layers, hidden, positions } = shape;
  const layer = (i: number): Entry[] => {
    const [attention, feedForward, theirs] = [`attention${i}`, `feedForward${i}`, `transformer.layer.${i}`];
    return [
      ...matrix(`${attention}.query`, `${theirs}.attention.q_lin`, width, width),
      ...matrix(`${attention}.key`, `${theirs}.attention.k_lin`, width, width),
      ...matrix(`${attention}.value`, `${theirs}.attention.v_lin`, width, width),
      ...matrix(`${attention}.output`, `${theirs}.attention.out_lin`, width, width),
      ...normPair(`${attention}.norm`, `${theirs}.sa_layer_norm`, width),
      ...matrix(`${feedForward}.up`, `${theirs}.ffn.lin1`, hidden, width),
      ...matrix(`${feedForward}.down`, `${theirs}.ffn.lin2`, width, hidden),
      ...normPair(`${feedForward}.norm`, `${theirs}.output_layer_norm`, width),
    ];
  };
  return {
    architecture: 'DistilBertForSequenceClassification',
    prefix: 'distilbert.',
    entries: [
      { ours: ['embed.tokens'], theirs: 'embeddings.word_embeddings.weight', dims: [vocabulary, width] },
      {
        ours: ['embed.positions'],
        theirs: 'embeddings.position_embeddings.weight',
        dims: [positions, width],
      },
      ...normPair('embed.norm', 'embeddings.LayerNorm', width),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      ...(classes === undefined ? [] : headPair('classes', 'classifier', classes, width)),
    ],
    optional: headPair('dense', 'pre_classifier', width, width),
    isForeign: (name) =>
      name === 'embeddings.position_ids' ||
      /^(vocab_transform|vocab_layer_norm|vocab_projector|qa_outputs)\./.test(name) ||
      (classes === undefined && /^classifier\.(weight|bias)$/.test(name)),
  };
}

function modernBertLayout(shape: ModernBertShape, classes: number | undefined): Layout {
  const { vocabulary, width, layers, hidden, attentionBias, feedForwardBias, normBias, headBias } = shape;
  const norm = (ours: string, theirs: string) => normPair(ours, theirs, width).slice(0, normBias ? 2 : 1);
  const joined = (
    ours: readonly string[],
    theirs: string,
    dims: readonly number[],
    bias: boolean,
  ): Entry[] => [
    { ours, theirs: `${theirs}.weight`, dims },
    ...(bias ? [{ ours: ours.map((name) => `${name}Bias`), theirs: `${theirs}.bias`, dims: [dims[0]] }] : []),
  ];
  const layer = (i: number): Entry[] => {
    const [attention, feedForward, theirs] = [`attention${i}`, `feedForward${i}`, `layers.${i}`];
    const parts = ['query', 'key', 'value'].map((part) => `${attention}.${part}`);
    const gated = ['gate', 'up'].map((part) => `${feedForward}.${part}`);
    return [
      ...(i === 0 ? [] : norm(`${attention}.norm`, `${theirs}.attn_norm`)),
      ...joined(parts, `${theirs}.attn.Wqkv`, [3 * width, width], attentionBias),
      ...joined([`${attention}.output`], `${theirs}.attn.Wo`, [width, width], attentionBias),
      ...norm(`${feedForward}.norm`, `${theirs}.mlp_norm`),
      ...joined(gated, `${theirs}.mlp.Wi`, [2 * hidden, width], feedForwardBias),
      ...joined([`${feedForward}.down`], `${theirs}.mlp.Wo`, [width, hidden], feedForwardBias),
    ];
  };
  return {
    architecture: 'ModernBertForSequenceClassification',
    prefix: 'model.',
    entries: [
      { ours: ['embed.tokens'], theirs: 'embeddings.tok_embeddings.weight', dims: [vocabulary, width] },
      ...norm('embed.norm', 'embeddings.norm'),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      ...norm('last.norm', 'final_norm'),
      ...(classes === undefined ? [] : headPair('classes', 'classifier', classes, width)),
    ],
    optional: [
      ...headPair('dense', 'head.dense', width, width).slice(0, headBias ? 2 : 1),
      ...norm('head.norm', 'head.norm'),
    ],
    isForeign: (name) =>
      /^decoder\./.test(name) || (classes === undefined && /^classifier\.(weight|bias)$/.test(name)),
  };
}

const hint =
  'encoders of the architectures bert, roberta, distilbert and modernbert are read, without variants';

function describedBy(config: Config): { type: EncoderType; shape: TextEncoderShape } {
  const type = encoderTypes.find((one) => one === config.model_type);
  if (!type)
    throw new HuggingFaceError(
      'hugging_face_architecture',
      `The configuration is of a model of type ${JSON.stringify(config.model_type) ?? 'unknown'}; ${hint}.`,
    );
  const reader = configReader(config, hint);
  const shape =
    type === 'modernbert'
      ? modernBertShape(reader)
      : type === 'distilbert'
        ? distilBertShape(reader)
        : bertShape(type, reader);
  return { type, shape: checkedShape(shape, checkTextEncoderShape, 'encoder') };
}

const activations: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  gelu_pytorch_tanh: 'geluTanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
};

function bertShape(type: EncoderType, { number, choice, expect, boolean, refuse }: ConfigReader): BertShape {
  expect('position_embedding_type', 'absolute', 'absolute');
  if (boolean('is_decoder', false)) refuse('is of a decoder');
  const isRoberta = type === 'roberta';
  const firstPosition = isRoberta ? number('pad_token_id', 1) + 1 : 0;
  return {
    kind: 'bert',
    vocabulary: number('vocab_size', isRoberta ? 50265 : 30522),
    width: number('hidden_size', 768),
    layers: number('num_hidden_layers', 12),
    heads: number('num_attention_heads', 12),
    hidden: number('intermediate_size', 3072),
    positions: number('max_position_embeddings', 512) - firstPosition,
    epsilon: number('layer_norm_eps', 1e-12),
    activation: choice('hidden_act', activations, 'gelu'),
    headActivation: 'tanh',
    types: number('type_vocab_size', 2),
    firstPosition,
  };
}

function distilBertShape({ number, choice }: ConfigReader): BertShape {
  return {
    kind: 'bert',
    vocabulary: number('vocab_size', 30522),
    width: number('dim', 768),
    layers: number('n_layers', 6),
    heads: number('n_heads', 12),
    hidden: number('hidden_dim', 3072),
    positions: number('max_position_embeddings', 512),
    epsilon: 1e-12,
    activation: choice('activation', activations, 'gelu'),
    headActivation: 'relu',
    types: 0,
    firstPosition: 0,
  };
}

function modernBertShape({ config, number, choice, boolean, refuse }: ConfigReader): ModernBertShape {
  const layers = number('num_hidden_layers', 22);
  const every = number('global_attn_every_n_layers', 3);
  if (!(Number.isInteger(layers) && layers >= 1 && layers <= 4096)) refuse(`has ${layers} layers`);
  const { layer_types: types, rope_parameters: rotation } = config;
  if (types !== undefined && types !== null && !(Array.isArray(types) && types.length === layers))
    refuse(`has "layer_types" that are not ${layers}`);
  const isGlobal = Array.from({ length: layers }, (_, layer) => {
    if (!Array.isArray(types)) return layer % every === 0;
    if (types[layer] !== 'full_attention' && types[layer] !== 'sliding_attention')
      refuse(`has the layer type ${JSON.stringify(types[layer])}`);
    return types[layer] === 'full_attention';
  });
  const globalBase = baseOf(rotation, 'full_attention') ?? number('global_rope_theta', 160_000);
  return {
    kind: 'modernBert',
    vocabulary: number('vocab_size', 50368),
    width: number('hidden_size', 768),
    layers,
    heads: number('num_attention_heads', 12),
    hidden: number('intermediate_size', 1152),
    positions: number('max_position_embeddings', 8192),
    epsilon: number('norm_eps', 1e-5),
    activation: choice('hidden_activation', activations, 'gelu'),
    headActivation: choice('classifier_activation', activations, 'gelu'),
    isGlobal,
    reach: Math.floor(number('local_attention', 128) / 2),
    globalBase,
    // Said to be nothing, it is that of the other layers; not said, it has a number of its own.
    localBase:
      baseOf(rotation, 'sliding_attention') ??
      (config.local_rope_theta === null ? globalBase : number('local_rope_theta', 10_000)),
    attentionBias: boolean('attention_bias', false),
    feedForwardBias: boolean('mlp_bias', false),
    normBias: boolean('norm_bias', false),
    headBias: boolean('classifier_bias', false),
    pooling: choice('classifier_pooling', { cls: 'first', mean: 'mean' } as const, 'cls'),
  };

  /** Newer files describe the rotation by kind of layer. */
  function baseOf(parameters: unknown, kind: string): number | undefined {
    if (typeof parameters !== 'object' || parameters === null) return undefined;
    const described = (parameters as Record<string, unknown>)[kind];
    if (typeof described !== 'object' || described === null) return undefined;
    const { rope_type: scaling = 'default', rope_theta: base } = described as Record<string, unknown>;
    if (scaling !== 'default') refuse(`scales the rotation by ${JSON.stringify(scaling)}`);
    return typeof base === 'number' ? base : refuse('has a "rope_theta" that is no number');
  }
}

const product = (dims: readonly number[]) => dims.reduce((all, dim) => all * dim, 1);
