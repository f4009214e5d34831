/**
 * A classifier as the files of a student folder, and back.
 *
 * @module
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fromHalves, toHalves } from '@kolben/engine';
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
import type { ClassifyTask } from '../task.ts';
import { answeringModel } from './answering-graph.ts';
import { checkTokenizer } from './check-tokenizer.ts';
import { configOf, configSchema, contentsOf } from './config-file.ts';
import type { WordsAndBag } from './model.ts';
import { quantisedCopy, type Storage } from './packed-tables.ts';
import { tokenizerFiles } from './tokenizer-files.ts';
import { readWeights, weightsFile } from './weights-file.ts';

export function modelFiles(task: ClassifyTask, model: WordsAndBag): ModelFiles {
  const tokenizer = tokenizerFiles(model.shape.byteLimit);
  return new Map([
    [configName, jsonFile(configOf({ task, ...model }))],
    [weightsName, weightsFile(model, model.shape)],
    [tokenizerName, jsonFile(tokenizer.tokenizer)],
    [tokenizerConfigName, jsonFile(tokenizer.config)],
    [onnxName, onnxOf(task, model)],
    [quantisedName, quantisedCopy((storage) => onnxOf(task, model, storage))],
  ]);
}

/**
 * The model in the numbers that its files hold, of 16 bits: whoever trained it must answer by these from then on, so
 * that thresholds mean the same in service.
 */
export function rounded<Model extends Pick<WordsAndBag, 'vocabulary' | 'parameters'>>(model: Model): Model {
  const { vocabulary, parameters } = model;
  const half = (numbers: Float32Array) => fromHalves(toHalves(numbers, 'F16'), 'F16');
  return {
    ...model,
    vocabulary: { ...vocabulary, idf: half(vocabulary.idf) },
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, numbers]) => [name, half(numbers)]),
    ),
  };
}

/** The student's ONNX model, as its folder holds it. */
export function onnxOf(
  task: ClassifyTask,
  { shape, vocabulary, parameters, temperature, novelty }: WordsAndBag,
  storage: Storage = 'full',
): Uint8Array {
  const metadata = {
    task: task.name,
    labels: JSON.stringify(task.labels),
    byte_limit: String(shape.byteLimit),
  };
  return answeringModel(shape, vocabulary, parameters, {
    temperature,
    novelty: novelty ?? undefined,
    storage,
    metadata,
  });
}

/** What config.json says, checked against the task and this version's way from text to bytes. */
export function readConfig(
  files: ModelFiles,
  task: ClassifyTask,
  directory: string,
): Pick<WordsAndBag, 'shape' | 'temperature' | 'novelty'> {
  const config = parseFile(configSchema, files, configName, directory);
  const { shape, temperature, novelty } = contentsOf(config);
  // Of the model types that there have been, each is right.
  const { model_type } = config;
  if (!isDeepStrictEqual(config, { ...configOf({ task, shape, temperature, novelty }), model_type }))
    throw damaged(join(directory, configName), 'its labels are not those in kolben.json');
  checkTokenizer(files, tokenizerFiles(shape.byteLimit), directory);
  return { shape, temperature, novelty };
}

/** @throws StudentFolderError, SafetensorsError: both name the file and what is wrong with it */
export function readModel(files: ModelFiles, task: ClassifyTask, directory: string): WordsAndBag {
  const { shape, ...confidence } = readConfig(files, task, directory);
  const path = join(directory, weightsName);
  try {
    return { shape, ...confidence, ...readWeights(files.get(weightsName)!, shape, path) };
  } catch (error) {
    if (error instanceof RangeError) throw damaged(path, error.message);
    throw error;
  }
}
