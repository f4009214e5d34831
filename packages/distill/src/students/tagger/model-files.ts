/**
 * A tagger as the files of a student folder, and back.
 *
 * @module
 */
import { join } from 'node:path';
import type { Parameters } from '@kolben/engine';
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
import type { ExtractTask } from '../task.ts';
import { checkTokenizer } from '../words-and-bag/check-tokenizer.ts';
import { casedSteps } from '../words-and-bag/normalize-text.ts';
import { quantisedCopy, type Storage } from '../words-and-bag/packed-tables.ts';
import { tokenizerFiles } from '../words-and-bag/tokenizer-files.ts';
import type { Vocabulary } from '../words-and-bag/vocabulary.ts';
import {
  type ParameterLayout,
  parameterShapes,
  readLayout,
  writeWeights,
} from '../words-and-bag/weights-file.ts';
import { tables, taggingModel } from './answering-graph.ts';
import { configOf, configSchema, settingsOf, type TaggerSettings } from './config-file.ts';
import { noTaggerDropout } from './layers.ts';
import type { TaggerShape } from './shape.ts';
import { taggerLoss } from './training-graph.ts';

export interface Tagger extends TaggerSettings {
  readonly vocabulary: Vocabulary;
  readonly parameters: Parameters;
}

export function modelFiles(task: ExtractTask, model: Tagger): ModelFiles {
  const tokenizer = tokenizerFiles(model.shape.byteLimit, casedSteps);
  return new Map([
    [configName, jsonFile(configOf(model))],
    [weightsName, writeWeights(model, layoutOf(model.shape))],
    [tokenizerName, jsonFile(tokenizer.tokenizer)],
    [tokenizerConfigName, jsonFile(tokenizer.config)],
    [onnxName, onnxOf(task, model)],
    [quantisedName, quantisedCopy((storage) => onnxOf(task, model, storage))],
  ]);
}

/** The student's ONNX model, as its folder holds it. */
export function onnxOf(
  task: ExtractTask,
  { shape, vocabulary, parameters }: Pick<Tagger, 'shape' | 'vocabulary' | 'parameters'>,
  storage: Storage = 'full',
): Uint8Array {
  const metadata = { task: task.name, byte_limit: String(shape.byteLimit) };
  return taggingModel(shape, vocabulary, parameters, { storage, metadata });
}

/**
 * What config.json says, checked against this version's way from text to bytes.
 *
 * @throws StudentFolderError that names the file and what is wrong with it
 */
export function readConfig(files: ModelFiles, directory: string): TaggerSettings {
  const config = parseFile(configSchema, files, configName, directory);
  const settings = orDamaged(join(directory, configName), () => settingsOf(config));
  checkTokenizer(files, tokenizerFiles(settings.shape.byteLimit, casedSteps), directory);
  return settings;
}

/** @throws StudentFolderError, SafetensorsError: both name the file and what is wrong with it */
export function readTagger(files: ModelFiles, directory: string): Tagger {
  const settings = readConfig(files, directory);
  const path = join(directory, weightsName);
  return orDamaged(path, () => ({
    ...settings,
    ...readLayout(files.get(weightsName)!, layoutOf(settings.shape), path),
  }));
}

function orDamaged<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw damaged(path, error.message);
    throw error;
  }
}

function layoutOf(shape: TaggerShape): ParameterLayout {
  const { graph } = taggerLoss(shape, { ...noTaggerDropout, smoothing: 0 }).loss;
  return { ...shape, tables, shapes: parameterShapes(graph) };
}
