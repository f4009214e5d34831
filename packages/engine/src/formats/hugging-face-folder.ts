/**
 * Folders of decoders that Hugging Face's libraries open: `config.json` beside safetensors files.
 *
 * @module
 */
import { join } from 'node:path';
import type { DecoderShape } from '../nn/decoder.ts';
import { replaceFile } from '../run/replace-file.ts';
import type { Parameters } from '../run/run-state.ts';
import {
  decoderShapeOf,
  type FromHuggingFaceOptions,
  fromHuggingFace,
  type ToHuggingFaceOptions,
  toHuggingFace,
} from './hugging-face.ts';
import { readConfigFile } from './hugging-face-config.ts';
import {
  readSafetensorsFiles,
  type WriteSafetensorsFilesOptions,
  writeSafetensorsFiles,
} from './safetensors-files.ts';

/** How `writeHuggingFace` keeps the weights, and what the configuration says beside. */
export interface WriteHuggingFaceOptions
  extends ToHuggingFaceOptions,
    Pick<WriteSafetensorsFilesOptions, 'halves' | 'shardBytes'> {}

const types = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

/**
 * Writes a decoder into an existing folder: weights first, then `config.json`. See `toHuggingFace`.
 *
 * @throws HuggingFaceError, GraphError, SafetensorsError for what cannot be written
 */
export async function writeHuggingFace(
  folder: string,
  shape: DecoderShape,
  parameters: Parameters,
  { halves, shardBytes, ...options }: WriteHuggingFaceOptions = {},
): Promise<void> {
  const { config, tensors } = toHuggingFace(shape, parameters, options);
  await writeSafetensorsFiles(folder, tensors, { metadata: { format: 'pt' }, halves, shardBytes });
  const text = JSON.stringify({ ...config, torch_dtype: types[halves ?? 'F32'] }, null, 2);
  await replaceFile(join(folder, 'config.json'), new TextEncoder().encode(`${text}\n`));
}

/**
 * Reads a decoder from a folder with `config.json` and weights in one or several safetensors files. See
 * `fromHuggingFace`.
 *
 * @throws HuggingFaceError, SafetensorsError for what is missing, damaged or another model
 */
export async function readHuggingFace(
  folder: string,
  options: FromHuggingFaceOptions = {},
): Promise<{ shape: DecoderShape; parameters: Parameters }> {
  const config = await readConfigFile(folder);
  // An unknown architecture is known by its configuration: nobody waits for gigabytes to be told.
  decoderShapeOf(config);
  const { tensors } = await readSafetensorsFiles(folder);
  return fromHuggingFace({ config, tensors }, options);
}
