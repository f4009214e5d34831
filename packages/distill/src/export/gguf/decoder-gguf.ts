/**
 * A decoder's files in Hugging Face's layout as one GGUF file.
 *
 * @module
 */
import { readSafetensors, toHalves } from '@kolben/engine';
import type { ModelFiles } from '../../students/family.ts';
import { decoderConfig, decoderEntries, decoderTensors } from './decoder-entries.ts';
import { GgufError } from './gguf-error.ts';
import { type GgufMetadata, type GgufTensor, ggufLength, ggufParts } from './gguf-file.ts';
import { tokenizerEntries } from './tokenizer-entries.ts';

export interface DecoderGgufOptions {
  /** What the model is called there. */
  readonly name: string;
  /** Keeps matrices in float16, rounded to nearest; the file is half as large, and answers may differ. */
  readonly halves: boolean;
}

export interface GgufFile {
  readonly bytes: number;
  parts(): Generator<Uint8Array>;
}

/**
 * @param files with config.json, model.safetensors and tokenizer.json
 * @throws GgufError for a model that is no such decoder, or whose tokenizer llama.cpp couldn't follow
 * @throws SafetensorsError for damaged weights
 */
export function decoderGguf(files: ModelFiles, { name, halves }: DecoderGgufOptions): GgufFile {
  const config = decoderConfig(json(files, 'config.json'));
  const { tensors: weights } = readSafetensors(bytesOf(files, 'model.safetensors'), 'model.safetensors');
  const first = (value: unknown) => {
    const id: unknown = Array.isArray(value) ? value[0] : value;
    return typeof id === 'number' ? id : undefined;
  };
  const metadata: GgufMetadata = {
    'general.architecture': { type: 'string', value: config.model_type },
    'general.type': { type: 'string', value: 'model' },
    'general.name': { type: 'string', value: name },
    'general.file_type': { type: 'uint32', value: halves ? 1 : 0 },
    ...decoderEntries(config),
    ...tokenizerEntries(
      json(files, 'tokenizer.json'),
      files.has('tokenizer_config.json') ? json(files, 'tokenizer_config.json') : {},
      {
        vocabulary: config.vocab_size,
        begin: first(config.bos_token_id),
        end: first(config.eos_token_id),
      },
    ),
  };
  const tensors = decoderTensors(config, weights).map(
    ({ name, dims, data }): GgufTensor => ({
      name,
      dims,
      // Vectors stay as they are: they are small, and llama.cpp multiplies by them in float32.
      data: halves && dims.length > 1 ? toHalves(data, 'F16') : data,
    }),
  );
  return { bytes: ggufLength(metadata, tensors), parts: () => ggufParts(metadata, tensors) };
}

function bytesOf(files: ModelFiles, name: string): Uint8Array {
  const bytes = files.get(name);
  if (bytes === undefined)
    throw new GgufError('gguf_file_missing', `There is no ${name}; name the folder of a whole model.`);
  return bytes;
}

function json(files: ModelFiles, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytesOf(files, name)));
  } catch (error) {
    if (error instanceof GgufError) throw error;
    throw new GgufError('gguf_file', `${name} is not JSON; take the one that belongs to the model.`, {
      cause: error,
    });
  }
}
