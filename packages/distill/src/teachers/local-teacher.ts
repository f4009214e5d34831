/**
 * A decoder in Hugging Face's layout as a teacher that Kolben runs itself: besides answers it gives its whole
 * distribution at every token of one.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Chip, loadDecoder, type nn, readHuggingFace } from '@kolben/engine';
import { z } from 'zod';
import type { TaughtRow } from '../students/decoder/prompt.ts';
import { configName, tokenizerConfigName, tokenizerName } from '../students/folder/file-names.ts';
import { openTokenizer, type TextTokenizer } from '../tokenizers/text-tokenizer.ts';
import { type SoftTargets, softTargetsOf } from './soft-targets.ts';
import { LocalTeacherError } from './teacher-error.ts';

export interface LocalTeacher {
  /** What it is called in the lineage. */
  readonly name: string;
  readonly shape: nn.DecoderShape;
  readonly tokenizer: TextTokenizer;
  /** tokenizer.json and tokenizer_config.json, which its student uses as well. */
  readonly tokenizerFiles: { readonly tokenizer: Uint8Array; readonly config: Uint8Array };
  /** What it reads between a text and its answer, and what ends an answer. */
  readonly separator: readonly number[];
  readonly end: number;
  /** Its `known` likeliest tokens at every token that a row teaches. */
  targets(rows: readonly TaughtRow[], known: number, signal?: AbortSignal): Promise<SoftTargets[]>;
  release(): Promise<void>;
}

const token = z.int().min(0);

const configSchema = z.looseObject({
  eos_token_id: z.union([token, z.array(token).min(1)]).nullish(),
  kolben: z.looseObject({ separator: z.array(token).min(1), end: token }).optional(),
});

/**
 * @throws LocalTeacherError for a folder without a tokenizer, or a model that does not say how an answer ends;
 * HuggingFaceError, SafetensorsError, TokenizerError for what is damaged or another model
 */
export async function openLocalTeacher(folder: string, chips: readonly Chip[]): Promise<LocalTeacher> {
  const { shape, parameters } = await readHuggingFace(folder);
  const file = async (name: string) => {
    try {
      return new Uint8Array(await readFile(join(folder, name)));
    } catch (error) {
      throw new LocalTeacherError(
        'teacher_tokenizer',
        `${join(folder, name)} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}); a local teacher needs its tokenizer beside it, since its student uses the same.`,
        { cause: error },
      );
    }
  };
  const [tokenizerJson, configJson] = [await file(tokenizerName), await file(tokenizerConfigName)];
  const tokenizer = openTokenizer(tokenizerJson, configJson);
  if (tokenizer.size > shape.vocabulary)
    throw new LocalTeacherError(
      'teacher_tokenizer',
      `The tokenizer in ${folder} has ${tokenizer.size} tokens and the model ${shape.vocabulary}; take both of one model.`,
    );
  const config = configSchema.safeParse(JSON.parse(new TextDecoder().decode(await file(configName))));
  const end = config.data?.kolben?.end ?? [config.data?.eos_token_id ?? []].flat()[0];
  if (end === undefined)
    throw new LocalTeacherError(
      'teacher_end',
      `${join(folder, configName)} names no token that ends an answer; give it an "eos_token_id".`,
    );
  const decoders = await Promise.all(chips.map((chip) => loadDecoder(chip, shape, parameters)));
  return {
    name: basename(folder),
    shape,
    tokenizer,
    tokenizerFiles: { tokenizer: tokenizerJson, config: configJson },
    separator: config.data?.kolben?.separator ?? tokenizer.encode('\n'),
    end,
    async targets(rows, known, signal) {
      const all: SoftTargets[] = new Array(rows.length);
      let next = 0;
      await Promise.all(
        decoders.map(async (decoder) => {
          for (let index = next++; index < rows.length; index = next++) {
            signal?.throwIfAborted();
            const { tokens, answer } = rows[index];
            if (tokens.length - 1 > shape.positions)
              throw new LocalTeacherError(
                'teacher_length',
                `An example has ${tokens.length} tokens and the teacher ${shape.positions} positions; leave out the longest.`,
              );
            const { data } = await decoder.logits(tokens.slice(0, -1));
            const learnt = (data as Float32Array).subarray((answer - 1) * shape.vocabulary);
            all[index] = softTargetsOf(learnt, shape.vocabulary, Math.min(known, shape.vocabulary - 1));
          }
        }),
      );
      return all;
    },
    async release() {
      await Promise.all(decoders.map((decoder) => decoder.release()));
    },
  };
}
