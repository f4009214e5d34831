/**
 * A decoder in a folder of Hugging Face's layout, with its tokenizer, and how a text and its answer stand before it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KolbenError, type nn, type Parameters, readConfigFile, readHuggingFace } from '@kolben/engine';
import { z } from 'zod';
import { openTokenizer, type TextTokenizer } from '../../tokenizers/text-tokenizer.ts';
import { configName, tokenizerConfigName, tokenizerName } from '../folder/file-names.ts';
import type { PromptFormat } from './prompt.ts';

/** A folder whose decoder cannot be used for texts; the sentence says what is missing. */
export class DecoderFolderError extends KolbenError {}

/** A tokenizer with its files, and what stands around texts and answers. */
export interface TokenizerAtWork extends Pick<PromptFormat, 'begin' | 'separator' | 'end'> {
  readonly tokenizer: TextTokenizer;
  /** tokenizer.json and tokenizer_config.json. */
  readonly tokenizerFiles: { readonly tokenizer: Uint8Array; readonly config: Uint8Array };
}

export interface DecoderFolder extends TokenizerAtWork {
  /** The folder's. */
  readonly name: string;
  readonly shape: nn.DecoderShape;
  readonly parameters: Parameters;
  /** Whether it is a student, and answers already what it reads in its own format. */
  readonly isStudent: boolean;
}

const token = z.int().min(0);

const configSchema = z.looseObject({
  eos_token_id: z.union([token, z.array(token).min(1)]).nullish(),
  kolben: z
    .looseObject({ begin: z.array(token).default([]), separator: z.array(token).min(1), end: token })
    .optional(),
});

const namedToken = z.union([z.string(), z.looseObject({ content: z.string() })]).nullish();

/** Takes the tokenizer of a folder, without its weights; `vocabulary` are the model's tokens. */
export async function readDecoderTokenizer(
  folder: string,
  vocabulary: number,
): Promise<TokenizerAtWork & Pick<DecoderFolder, 'isStudent'>> {
  const path = join(folder, tokenizerName);
  const tokenizerJson = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new DecoderFolderError(
      'decoder_tokenizer',
      `${path} cannot be read (${error.code ?? 'unknown'}); a decoder needs its tokenizer beside it, as tokenizer.json.`,
      { cause: error },
    );
  });
  const configJson = await readFile(join(folder, tokenizerConfigName)).catch(() => Buffer.from('{}'));
  const tokenizer = openTokenizer(tokenizerJson, configJson);
  if (tokenizer.size > vocabulary)
    throw new DecoderFolderError(
      'decoder_tokenizer',
      `The tokenizer in ${folder} has ${tokenizer.size} tokens and the model ${vocabulary}; take both of one model.`,
    );
  const { kolben, eos_token_id: stated } = configSchema.catch({}).parse(await readConfigFile(folder));
  const named = namedToken.catch(undefined).parse(JSON.parse(configJson.toString('utf8')).eos_token);
  const name = typeof named === 'string' ? named : named?.content;
  const end =
    kolben?.end ?? [stated ?? []].flat()[0] ?? (name === undefined ? undefined : tokenizer.idOf(name));
  if (end === undefined || end >= vocabulary)
    throw new DecoderFolderError(
      'decoder_end',
      `${join(folder, configName)} names no token that ends an answer; give it an "eos_token_id".`,
    );
  return {
    tokenizer,
    tokenizerFiles: { tokenizer: tokenizerJson, config: configJson },
    begin: kolben?.begin ?? tokenizer.before,
    separator: kolben?.separator ?? [end],
    end,
    isStudent: kolben !== undefined,
  };
}

/**
 * @throws DecoderFolderError for a folder without a tokenizer or with that of another model, or whose model doesn't say
 * how an answer ends; HuggingFaceError, SafetensorsError, TokenizerError for what is damaged or another model
 */
export async function readDecoderFolder(folder: string): Promise<DecoderFolder> {
  const { shape, parameters } = await readHuggingFace(folder);
  const read = await readDecoderTokenizer(folder, shape.vocabulary);
  return { name: basename(folder), shape, parameters, ...read };
}
