/**
 * A decoder behind a server as a teacher of distributions: at every token of an answer it is asked what comes next, as
 * numbers of tokens, so that it reads exactly what the student reads.
 *
 * Whoever opens it brings the connection: see `AskTokens`.
 *
 * @module
 */
import { decoderShapeOf, readConfigFile } from '@kolben/engine';
import { readDecoderTokenizer } from '../students/decoder/decoder-folder.ts';
import { newline } from '../tokenizers/newline.ts';
import type { TextTokenizer } from '../tokenizers/text-tokenizer.ts';
import type { LocalTeacher } from './local-teacher.ts';
import { leastLogShare, type SoftTargets } from './soft-targets.ts';
import { LocalTeacherError } from './teacher-error.ts';

/** A token that may come next, as a server tells it. */
export interface ToldToken {
  /** Its number, where the server says it. */
  readonly id?: number | undefined;
  readonly text: string;
  readonly bytes?: readonly number[] | undefined;
  /** Natural logarithm of its probability. */
  readonly logProbability: number;
}

/** The `top` likeliest tokens after others, or as many of them as the server gives. */
export type AskTokens = (
  prompt: readonly number[],
  top: number,
  signal?: AbortSignal,
) => Promise<readonly ToldToken[]>;

export interface ServedDecoder {
  /** What it is called in the lineage. */
  readonly name: string;
  /** A folder with config.json and tokenizer.json of the very model. */
  readonly tokenizer: string;
  readonly ask: AskTokens;
}

/** Questions under way at once. */
const atOnce = 8;

/**
 * @throws DecoderFolderError, HuggingFaceError, TokenizerError for a folder that holds no decoder's tokenizer. While it is
 * asked: LocalTeacherError (`teacher_tokens`) for tokens that are not those of the folder, (`teacher_silent`) for an
 * answer without any; whatever `ask` throws
 */
export async function openServedTeacher({
  name,
  tokenizer: folder,
  ask,
}: ServedDecoder): Promise<LocalTeacher> {
  const { vocabulary } = decoderShapeOf(await readConfigFile(folder));
  const { isStudent, ...read } = await readDecoderTokenizer(folder, vocabulary);
  const { tokenizer } = read;
  const idOf = idsIn(tokenizer, vocabulary, folder);
  return {
    ...read,
    name,
    vocabulary,
    separator: isStudent ? read.separator : newline(tokenizer),
    async targets(rows, wanted, signal) {
      const most = Math.min(wanted, vocabulary - 1);
      const places = rows.flatMap(({ tokens, answer }, row) =>
        Array.from({ length: tokens.length - answer }, (_, i) => ({
          row,
          prompt: tokens.slice(0, answer + i),
        })),
      );
      const told: Told[][] = new Array(places.length);
      let next = 0;
      await Promise.all(
        Array.from({ length: Math.min(atOnce, places.length) }, async () => {
          for (let place = next++; place < places.length; place = next++) {
            signal?.throwIfAborted();
            const tokens = await ask(places[place].prompt, most + 1, signal);
            if (tokens.length === 0)
              throw new LocalTeacherError(
                'teacher_silent',
                `${name} tells no probabilities of tokens; start its server with them, or take another.`,
              );
            const known = tokens.map((token) => ({ id: idOf(token), logProbability: token.logProbability }));
            told[place] = known.sort((a, b) => b.logProbability - a.logProbability);
          }
        }),
      );
      // A server may give fewer than it is asked for; what is known must be as many everywhere.
      const known = told.reduce((least, tokens) => Math.min(least, tokens.length), most);
      let place = 0;
      return rows.map(({ tokens, answer }) => {
        const from = place;
        place += tokens.length - answer;
        return softTargetsFrom(told.slice(from, place), known);
      });
    },
    release: async () => {},
  };
}

interface Told {
  readonly id: number;
  readonly logProbability: number;
}

function softTargetsFrom(told: readonly (readonly Told[])[], known: number): SoftTargets {
  const tokens = new Int32Array(told.length * known);
  const logShares = new Float32Array(told.length * (known + 1));
  for (const [row, all] of told.entries()) {
    let likely = 0;
    for (const [k, { id, logProbability }] of all.slice(0, known).entries()) {
      tokens[row * known + k] = id;
      logShares[row * (known + 1) + k] = Math.max(leastLogShare, logProbability);
      likely += Math.exp(logProbability);
    }
    const others = all.slice(known).reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0);
    // What is told beyond the known ones is part of the rest, exact where a difference would be all rounding.
    const rest = Math.max(others, 1 - likely);
    logShares[row * (known + 1) + known] = Math.max(leastLogShare, Math.log(rest));
  }
  return { tokens, logShares };
}

/** Which token of the folder's tokenizer a server means. */
function idsIn(tokenizer: TextTokenizer, vocabulary: number, folder: string): (token: ToldToken) => number {
  const ids = new Map<string, number>();
  for (let id = 0; id < tokenizer.size; id++) {
    const bytes = tokenizer.bytesOf(id);
    // Of tokens with equal bytes none can be told by them.
    if (bytes) ids.set(keyOf(bytes), ids.has(keyOf(bytes)) ? -1 : id);
  }
  const refuse = ({ id, text }: ToldToken): never => {
    throw new LocalTeacherError(
      'teacher_tokens',
      `The server speaks of a token ${JSON.stringify(text)}${id === undefined ? '' : ` of number ${id}`}, which is none of the tokenizer in ${folder}; name the folder of the very model that is served.`,
    );
  };
  return (token) => {
    const bytes = token.bytes ?? (token.text.includes('\uFFFD') ? undefined : Buffer.from(token.text));
    if (token.id === undefined) {
      const id = tokenizer.idOf(token.text) ?? (bytes && ids.get(keyOf(bytes)));
      return id === undefined || id < 0 ? refuse(token) : id;
    }
    const own = tokenizer.bytesOf(token.id);
    // A special token's name, and the space that begins a text, are written by servers in one way or another.
    const differs = own && token.bytes && keyOf(own).trim() !== keyOf(token.bytes).trim();
    return token.id < 0 || token.id >= vocabulary || differs ? refuse(token) : token.id;
  };
}

const keyOf = (bytes: Iterable<number>) => Buffer.from([...bytes]).toString('latin1');
