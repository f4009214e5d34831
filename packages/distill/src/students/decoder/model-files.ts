/**
 * A decoder as the files of a student folder, in Hugging Face's layout, and back.
 *
 * @module
 */
import { join } from 'node:path';
import {
  fromHuggingFace,
  HuggingFaceError,
  nn,
  type Parameters,
  readSafetensors,
  toHuggingFace,
  writeSafetensors,
} from '@kolben/engine';
import { z } from 'zod';
import { openTokenizer, type TextTokenizer } from '../../tokenizers/text-tokenizer.ts';
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
import type { GenerateTask } from '../task.ts';
import { type ConfidenceCurve, curveSchema } from './confidence.ts';
import { type PromptFormat, positionsOf } from './prompt.ts';

/** A trained decoder with all that answering takes. */
export interface DecoderModel {
  readonly shape: nn.DecoderShape;
  readonly parameters: Parameters;
  /** tokenizer.json and tokenizer_config.json. */
  readonly tokenizer: Uint8Array;
  readonly tokenizerConfig: Uint8Array;
  readonly format: PromptFormat;
  readonly curve: ConfidenceCurve;
}

/** Of the numbers of matrices and tables in the copy. */
export const copyBits = 8;

const token = z.int().min(0);

/** What config.json says beside the shape. */
const ownSchema = z.object({
  text_tokens: z.int().min(1),
  answer_tokens: z.int().min(1),
  begin: z.array(token).default([]),
  separator: z.array(token).min(1),
  end: token,
  confidence: curveSchema,
});

const configSchema = z.looseObject({ kolben: ownSchema });

export function modelFiles(task: GenerateTask, model: DecoderModel): ModelFiles {
  const { shape, parameters, format, curve } = model;
  const { config, tensors } = toHuggingFace(shape, parameters, {
    endToken: format.end,
    ...(format.begin.length === 0 ? {} : { beginToken: format.begin[0] }),
  });
  const own: z.infer<typeof ownSchema> = {
    text_tokens: format.textTokens,
    answer_tokens: format.answerTokens,
    begin: [...format.begin],
    separator: [...format.separator],
    end: format.end,
    confidence: curve,
  };
  const metadata = { task: task.name };
  return new Map([
    [configName, jsonFile({ ...config, torch_dtype: 'float32', pad_token_id: format.end, kolben: own })],
    [weightsName, writeSafetensors(tensors, { metadata: { format: 'pt' } })],
    [tokenizerName, model.tokenizer],
    [tokenizerConfigName, model.tokenizerConfig],
    [onnxName, nn.decoderModel(shape, parameters, { metadata })],
    [quantisedName, nn.decoderModel(shape, parameters, { metadata, rowBits: copyBits })],
    [
      'generation_config.json',
      jsonFile({
        do_sample: false,
        max_new_tokens: format.answerTokens,
        eos_token_id: format.end,
        pad_token_id: format.end,
      }),
    ],
  ]);
}

/** @throws StudentFolderError for files that contradict each other; SafetensorsError, TokenizerError for damaged ones */
export function readModel(
  files: ModelFiles,
  directory: string,
): Omit<DecoderModel, 'tokenizer' | 'tokenizerConfig'> & { readonly tokenizer: TextTokenizer } {
  const config = parseFile(configSchema, files, configName, directory);
  const path = join(directory, weightsName);
  const { tensors } = readSafetensors(files.get(weightsName)!, path);
  const tokenizer = openTokenizer(files.get(tokenizerName)!, files.get(tokenizerConfigName));
  try {
    const { shape, parameters } = fromHuggingFace({ config, tensors });
    const format = formatIn(config.kolben);
    const { begin, separator, end } = format;
    if (positionsOf(format) > shape.positions)
      throw damaged(join(directory, configName), 'text and answer have more tokens than the model positions');
    if (
      tokenizer.size > shape.vocabulary ||
      [...begin, ...separator, end].some((id) => id >= shape.vocabulary)
    )
      throw damaged(join(directory, tokenizerName), 'it has tokens that the model does not know');
    return { shape, parameters, tokenizer, format, curve: config.kolben.confidence };
  } catch (error) {
    if (error instanceof HuggingFaceError) throw damaged(path, error.message.replace(/\.$/, ''));
    throw error;
  }
}

export function readFormat(files: ModelFiles, directory: string): PromptFormat {
  return formatIn(parseFile(configSchema, files, configName, directory).kolben);
}

function formatIn(own: z.infer<typeof ownSchema>): PromptFormat {
  const { begin, separator, end, text_tokens: textTokens, answer_tokens: answerTokens } = own;
  return { begin, separator, end, textTokens, answerTokens };
}
