/**
 * A classifier on an open encoder as the files of a student folder, and back: they are those that Hugging Face's
 * class for the architecture opens.
 *
 * @module
 */
import { join } from 'node:path';
import {
  encoderShapeOf,
  type HuggingFaceConfig,
  type HuggingFaceEncoder,
  KolbenError,
  nn,
  toHuggingFaceClassifier,
  writeSafetensors,
} from '@kolben/engine';
import { z } from 'zod';
import { type NoveltyGate, noveltyGateSchema } from '../../certificates/novelty.ts';
import type { ModelFiles } from '../family.ts';
import {
  configName,
  onnxName,
  quantisedName,
  tokenizerConfigName,
  tokenizerName,
  weightsName,
} from '../folder/file-names.ts';
import { jsonFile, parseFile } from '../folder/json-file.ts';
import { damaged } from '../folder/student-folder-error.ts';
import { gated } from '../novelty-graph.ts';
import type { ClassifyTask } from '../task.ts';
import { type ClassDistances, nearness } from './class-distances.ts';
import { loadTokenizer, type TextTokens } from './tokenize.ts';

/** The base's files that are handed on: texts become tokens as they did there. */
export interface TokenizerFiles {
  readonly tokenizer: Uint8Array;
  readonly config: Readonly<Record<string, unknown>>;
  readonly specialTokens?: Uint8Array | undefined;
}

/** Divides all logits by `temperature`, so that their softmax is the confidence for every reader of the weights. */
export function withTemperature(
  parameters: Readonly<Record<string, Float32Array>>,
  temperature: number,
): Record<string, Float32Array> {
  const scaled = (values: Float32Array) => values.map((value) => value / temperature);
  return {
    ...parameters,
    'head.classes.weight': scaled(parameters['head.classes.weight']),
    'head.classes.bias': scaled(parameters['head.classes.bias']),
  };
}

/** What tells texts that belong to no label. */
export interface Novelty {
  readonly distances: ClassDistances;
  readonly gate: NoveltyGate;
}

/** @param encoder with the head's parameters, adapters merged, and the base's configuration */
export function modelFiles(
  task: ClassifyTask,
  encoder: HuggingFaceEncoder,
  tokenizer: TokenizerFiles,
  maxTokens: number,
  novelty: Novelty | undefined,
): ModelFiles {
  const { labels, multiple } = task;
  const { architecture, tensors } = toHuggingFaceClassifier(encoder, labels.length);
  const {
    _name_or_path,
    transformers_version,
    task_specific_params,
    kolben: _own,
    ...described
  } = encoder.config;
  const config = {
    ...described,
    architectures: [architecture],
    problem_type: multiple ? 'multi_label_classification' : 'single_label_classification',
    id2label: Object.fromEntries(labels.map((label, i) => [String(i), label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    torch_dtype: 'float32',
    ...(novelty && { kolben: { novelty: novelty.gate } }),
  };
  const metadata = { task: task.name, labels: JSON.stringify(labels), max_tokens: String(maxTokens) };
  const onnx = (rowBits?: 8) =>
    nn.textClassifierProgram(encoder.shape, encoder.parameters, {
      classes: labels.length,
      metadata,
      rowBits,
      ...(novelty && {
        output: {
          name: 'logits',
          of: ({ logits, meanState }) =>
            gated(logits, nearness(meanState(), novelty.distances), novelty.gate),
        },
      }),
    }).onnx;
  return new Map([
    [configName, jsonFile(config)],
    [weightsName, writeSafetensors(tensors, { metadata: { format: 'pt' } })],
    [tokenizerName, tokenizer.tokenizer],
    [tokenizerConfigName, jsonFile({ ...tokenizer.config, model_max_length: maxTokens })],
    ...(tokenizer.specialTokens
      ? [['special_tokens_map.json', tokenizer.specialTokens] as [string, Uint8Array]]
      : []),
    [onnxName, onnx()],
    [quantisedName, onnx(8)],
  ]);
}

const configSchema = z.looseObject({
  architectures: z.tuple([z.string()]),
  model_type: z.string(),
  problem_type: z.enum(['single_label_classification', 'multi_label_classification']),
  id2label: z.record(z.string(), z.string()),
  pad_token_id: z.int().nonnegative().nullish(),
  kolben: z.looseObject({ novelty: noveltyGateSchema }).optional(),
});

const tokenizerConfigSchema = z.looseObject({ model_max_length: z.int().positive() });

export interface ReadModel {
  readonly shape: nn.TextEncoderShape;
  /** The token that fills up. */
  readonly padding: number;
  readonly maxTokens: number;
  /** Of what tells texts that belong to no label; null where nothing does. */
  readonly novelty: NoveltyGate | null;
}

/** What the configurations say, checked against the task and each other. */
export function readConfig(files: ModelFiles, task: ClassifyTask, directory: string): ReadModel {
  const path = join(directory, configName);
  const config = parseFile(configSchema, files, configName, directory);
  const labels = Object.entries(config.id2label);
  const kind = task.multiple ? 'multi_label_classification' : 'single_label_classification';
  if (
    config.problem_type !== kind ||
    labels.length !== task.labels.length ||
    labels.some(([i, label]) => task.labels[Number(i)] !== label)
  )
    throw damaged(path, 'its labels are not those in kolben.json');
  let shape: nn.TextEncoderShape;
  try {
    shape = encoderShapeOf(config as HuggingFaceConfig);
  } catch (error) {
    throw KolbenError.isInstance(error) ? damaged(path, error.message.replace(/\.$/, '')) : error;
  }
  const { model_max_length: maxTokens } = parseFile(
    tokenizerConfigSchema,
    files,
    tokenizerConfigName,
    directory,
  );
  if (maxTokens > shape.positions)
    throw damaged(join(directory, tokenizerConfigName), 'it gives more tokens than the encoder reads');
  return {
    shape,
    padding: config.pad_token_id ?? 0,
    maxTokens,
    novelty: config.kolben?.novelty ?? null,
  };
}

export function readTokenizer(
  files: ModelFiles,
  directory: string,
  { shape, maxTokens }: ReadModel,
): TextTokens {
  const [tokenizer, config] = [tokenizerName, tokenizerConfigName].map((name) =>
    parseFile(z.looseObject({}), files, name, directory),
  );
  return loadTokenizer(tokenizer, config, { maxTokens, vocabulary: shape.vocabulary });
}
