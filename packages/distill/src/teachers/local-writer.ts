/**
 * A decoder in a folder that writes: a teacher of one's own for those who ask for answers, with the probabilities of its
 * tokens.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadDecoder, nn, randomStream, startChip } from '@kolben/engine';
import type { Message } from '@kolben/store';
import { constraintOf } from '../constrained/constraint.ts';
import { inputText } from '../examples/input-text.ts';
import { readDecoderFolder } from '../students/decoder/decoder-folder.ts';
import { manifestName } from '../students/folder/file-names.ts';
import { readStudentFolder } from '../students/student-folder.ts';
import { newline } from '../tokenizers/newline.ts';
import { likeliest } from './soft-targets.ts';

/** A token with the natural logarithm of its probability, before anything that steers the choice. */
export interface LikelyToken {
  readonly id: number;
  readonly logProbability: number;
}

export interface WrittenToken extends LikelyToken {
  /** Whether it ends the text. */
  readonly isEnd: boolean;
  readonly top: readonly LikelyToken[];
}

export interface WriteOptions extends nn.Choice {
  /** Tokens to write at most. */
  readonly tokens: number;
  /** Of what is drawn. Default 0. */
  readonly seed?: number | undefined;
  /** Likeliest tokens to tell of at each place. Default 0. */
  readonly top?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LocalWriter {
  /** The folder's name. */
  readonly name: string;
  /** Tokens that it reads and writes together. */
  readonly positions: number;
  /** Numbers of tokens lie below it. */
  readonly vocabulary: number;
  /** What it reads of a chat before it answers. */
  promptOf(messages: readonly Message[]): number[];
  /** What a token stands for; nothing for special ones. */
  bytesOf(id: number): Uint8Array;
  /** Writes on after a prompt of one token or more; several at once. Of a student with a schema, what keeps to it. */
  write(prompt: readonly number[], options: WriteOptions): AsyncGenerator<WrittenToken, void, void>;
  release(): Promise<void>;
}

/**
 * Opens a decoder in Hugging Face's layout, or a student that writes, on a chip of its own.
 *
 * A student reads what it was taught to read; any other decoder reads the messages' contents, a line each: no chat
 * template is applied.
 *
 * @throws DecoderFolderError, HuggingFaceError, SafetensorsError, TokenizerError for a folder that holds no such decoder;
 * StudentFolderError for a student's that is damaged
 */
export async function openLocalWriter(folder: string): Promise<LocalWriter> {
  const { name, shape, parameters, tokenizer, begin, separator, end, isStudent } =
    await readDecoderFolder(folder);
  const task = existsSync(join(folder, manifestName)) ? (await readStudentFolder(folder)).task : undefined;
  const schema = task?.kind === 'generate' ? task.schema : undefined;
  const constraint = schema && constraintOf(schema, tokenizer);
  const around = isStudent ? separator : newline(tokenizer);
  const nothing = new Uint8Array();
  const chip = await startChip(0);
  const decoder = await loadDecoder(chip, shape, parameters);
  return {
    name,
    positions: shape.positions,
    vocabulary: shape.vocabulary,
    promptOf(messages) {
      const text = isStudent ? inputText(messages) : messages.map(({ content }) => content).join('\n');
      return [...begin, ...tokenizer.encode(text), ...around];
    },
    bytesOf: (id) => tokenizer.bytesOf(id) ?? nothing,
    async *write(prompt, { tokens, seed = 0, top = 0, signal, ...choice }) {
      const draw = randomStream(seed, 'local writer');
      const held = constraint?.begin(tokens);
      const sequence = await decoder.begin(1);
      try {
        let fresh = prompt;
        for (let made = 0; made < tokens && prompt.length + made <= shape.positions; made++) {
          signal?.throwIfAborted();
          const logits = (await sequence.next([fresh])).data as Float32Array;
          const whole = logSum(logits);
          const allowed = held
            ? logits.map((logit, id) =>
                (id === end ? held.canEnd : held.allows(id)) ? logit : Number.NEGATIVE_INFINITY,
              )
            : logits;
          const id = nn.chooseToken(allowed, choice, draw);
          const likely = (one: number) => ({ id: one, logProbability: logits[one] - whole });
          // Instructed models end a turn with one of several special tokens.
          const isEnd = id === end || tokenizer.bytesOf(id) === undefined;
          yield { ...likely(id), isEnd, top: likeliest(logits, top).map(likely) };
          if (isEnd) return;
          held?.take(id);
          fresh = [id];
        }
      } finally {
        await sequence.close();
      }
    },
    async release() {
      await decoder.release();
      await chip.close();
    },
  };
}

function logSum(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}
