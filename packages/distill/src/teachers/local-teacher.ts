/**
 * A decoder in Hugging Face's layout as a teacher that Kolben runs itself: besides answers it gives its whole
 * distribution at every token of one.
 *
 * @module
 */
import { type Chip, loadDecoder } from '@kolben/engine';
import { readDecoderFolder, type TokenizerAtWork } from '../students/decoder/decoder-folder.ts';
import type { TaughtRow } from '../students/decoder/prompt.ts';
import { newline } from '../tokenizers/newline.ts';
import { type SoftTargets, softTargetsOf } from './soft-targets.ts';
import { LocalTeacherError } from './teacher-error.ts';

export interface LocalTeacher extends TokenizerAtWork {
  /** What it is called in the lineage. */
  readonly name: string;
  /** Numbers of tokens lie below it. */
  readonly vocabulary: number;
  /** Its `known` likeliest tokens at every token that a row teaches. */
  targets(rows: readonly TaughtRow[], known: number, signal?: AbortSignal): Promise<SoftTargets[]>;
  release(): Promise<void>;
}

/**
 * @throws DecoderFolderError for a folder without a tokenizer, or a model that does not say how an answer ends;
 * HuggingFaceError, SafetensorsError, TokenizerError for what is damaged or another model
 */
export async function openLocalTeacher(folder: string, chips: readonly Chip[]): Promise<LocalTeacher> {
  const { shape, parameters, isStudent, ...read } = await readDecoderFolder(folder);
  const { tokenizer } = read;
  const decoders = await Promise.all(chips.map((chip) => loadDecoder(chip, shape, parameters)));
  return {
    ...read,
    vocabulary: shape.vocabulary,
    // One that was never trained to answer goes on in a line of its own more naturally than after an end.
    separator: isStudent ? read.separator : newline(tokenizer),
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
