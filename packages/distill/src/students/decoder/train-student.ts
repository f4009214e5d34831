/**
 * Trains a decoder from scratch on texts and their answers, with a tokenizer of its own, as a pipeline over the chips.
 *
 * @module
 */
import { nn } from '@kolben/engine';
import { arrangedJson } from '../../constrained/arranged-json.ts';
import { type Constraint, constraintOf } from '../../constrained/constraint.ts';
import { SchemaError } from '../../constrained/schema-error.ts';
import { type Equality, equalBy } from '../../equality/equality.ts';
import type { LocalTeacher } from '../../teachers/local-teacher.ts';
import { bpeFiles } from '../../tokenizers/bpe-files.ts';
import { openTokenizer, type TextTokenizer } from '../../tokenizers/text-tokenizer.ts';
import { trainBpe } from '../../tokenizers/train-bpe.ts';
import { jsonFile } from '../folder/json-file.ts';
import type { GenerateTask } from '../task.ts';
import {
  batchSize,
  type Look,
  type Trainable,
  type TrainedOnChips,
  type TrainOnChipsOptions,
  trainOnChips,
} from '../train-on-chips.ts';
import {
  layoutOf,
  learntTokens,
  microbatchOf,
  packedPositions,
  rowTokens,
  type SoftRow,
  softInputs,
} from './batches.ts';
import { answerToken, endToken, type PromptFormat, taughtRow } from './prompt.ts';
import type { DecoderRecipe } from './recipe.ts';
import { loadAnswerWriter } from './write-answers.ts';

export interface AnsweredText {
  readonly text: string;
  readonly answer: string;
}

export interface PrepareDecoderOptions {
  readonly task: GenerateTask;
  readonly train: readonly AnsweredText[];
  readonly recipe: DecoderRecipe;
  /** Teaches its distribution beside the answers, and gives the student its tokenizer. Default: none. */
  readonly teacher?: LocalTeacher | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TrainDecoderOptions
  extends PrepareDecoderOptions,
    Omit<TrainOnChipsOptions, 'look' | 'signal'> {
  /** Watched while training; nothing is chosen by it. */
  readonly validation: readonly AnsweredText[];
  /** When two answers count as the same, for what is watched. */
  readonly equality: Equality;
}

interface DecoderParts {
  readonly shape: nn.DecoderShape;
  /** tokenizer.json and tokenizer_config.json, and both at work. */
  readonly tokenizerFiles: { readonly tokenizer: Uint8Array; readonly config: Uint8Array };
  readonly tokenizer: TextTokenizer;
  readonly format: PromptFormat;
  readonly constraint: Constraint | undefined;
}

export interface PreparedDecoder extends DecoderParts {
  readonly trainable: Trainable;
}

export interface TrainedDecoder extends DecoderParts, TrainedOnChips {}

/** Validation examples that are answered at a look. */
const looked = 48;

/** The answers as they are learnt: of a schema, in the one way to write them; those that don't keep to it are left out. */
export function learntAnswers(
  examples: readonly AnsweredText[],
  { schema }: GenerateTask,
  constraint: Pick<Constraint, 'accepts'> | undefined,
): AnsweredText[] {
  if (!schema || !constraint) return [...examples];
  const fitting: AnsweredText[] = [];
  let stranger: string | undefined;
  for (const { text, answer } of examples) {
    const canonical = arrangedJson(answer, schema);
    if (canonical !== undefined && constraint.accepts(canonical)) fitting.push({ text, answer: canonical });
    else stranger ??= answer;
  }
  if (2 * fitting.length < examples.length)
    throw new SchemaError(
      'schema_answers',
      `${examples.length - fitting.length} of ${examples.length} answers do not keep to the schema, such as ${JSON.stringify(shortened(stranger ?? ''))}; give the schema that the teacher was given.`,
    );
  return fitting;
}

/** Any bytes at all, for a schema to be checked before there is a tokenizer. */
const everyByte = { size: 256, bytesOf: (id: number) => (id < 256 ? Uint8Array.of(id) : undefined) };

/** Everything that training needs and that does not depend on how it is spread over chips. */
export async function prepareDecoder(options: PrepareDecoderOptions): Promise<PreparedDecoder> {
  const { task, recipe, signal } = options;
  const { schema } = task;
  const examples = learntAnswers(options.train, task, schema && constraintOf(schema, everyByte));
  const { teacher } = options;
  const given = teacher ?? ownTokenizer(examples, recipe, signal);
  const { tokenizer, tokenizerFiles } = given;
  const constraint = schema && constraintOf(schema, tokenizer);
  const format = formatOf(examples, given, recipe, constraint);
  // Names the room that is missing before anything is trained.
  constraint?.begin(format.answerTokens);
  const shape: nn.DecoderShape = {
    vocabulary: teacher?.shape.vocabulary ?? tokenizer.size,
    width: recipe.width,
    layers: recipe.layers,
    heads: recipe.heads,
    keyValueHeads: recipe.keyValueHeads,
    hidden: recipe.hidden,
    positions: format.textTokens + format.separator.length + format.answerTokens,
    tied: true,
    rotaryPairs: 'halves',
  };
  const taught = examples.map((example) => taughtRow(example, tokenizer, format));
  const soft = await teacher?.targets(taught, recipe.distribution.known, signal);
  const rows = taught.map((row, i) => ({ ...row, soft: soft?.[i] }));
  const trainable = decoderTrainable({ shape, rows, recipe });
  return { shape, tokenizerFiles, tokenizer, format, constraint, trainable };
}

export async function trainDecoder(options: TrainDecoderOptions): Promise<TrainedDecoder> {
  const { trainable, ...prepared } = await prepareDecoder(options);
  const { shape, tokenizer, format, constraint } = prepared;
  const { signal } = options;
  const trained = await trainOnChips(trainable, {
    ...options,
    look:
      options.validation.length === 0
        ? undefined
        : async (parameters): Promise<Look> => {
            const examples = options.validation.slice(0, looked);
            const writer = await loadAnswerWriter({
              ...{ shape, parameters, tokenizer, format, constraint },
              chips: options.chips.slice(0, 1),
            });
            try {
              const answers = await writer.write(
                examples.map(({ text }) => text),
                signal,
              );
              const agreed = answers.filter(({ text }, i) =>
                equalBy(options.equality, examples[i].answer, text),
              );
              const surprise = answers.reduce((sum, { sum: likelihood }) => sum - likelihood, 0);
              return { loss: surprise / examples.length, agreement: agreed.length / examples.length };
            } finally {
              await writer.release();
            }
          },
  });
  return { ...trained, ...prepared };
}

interface TokenizerAtWork extends Pick<LocalTeacher, 'tokenizer' | 'tokenizerFiles' | 'separator' | 'end'> {}

/** A tokenizer trained on the examples. */
function ownTokenizer(
  examples: readonly AnsweredText[],
  { vocabulary, leastCount, textTokens }: DecoderRecipe,
  signal: AbortSignal | undefined,
): TokenizerAtWork {
  const texts = function* () {
    for (const { text, answer } of examples) yield* [text, answer];
  };
  const bpe = trainBpe(texts(), { vocabulary, special: [endToken, answerToken], leastCount, signal });
  const encoded = bpeFiles(bpe, { after: [answerToken], end: endToken, limit: textTokens + 1 });
  const tokenizerFiles = { tokenizer: jsonFile(encoded.tokenizer), config: jsonFile(encoded.config) };
  const tokenizer = openTokenizer(tokenizerFiles.tokenizer, tokenizerFiles.config);
  return {
    tokenizer,
    tokenizerFiles,
    separator: [tokenizer.idOf(answerToken) as number],
    end: tokenizer.idOf(endToken) as number,
  };
}

/** As much room as the examples take, and a little for answers that are longer. */
function formatOf(
  examples: readonly AnsweredText[],
  { tokenizer, separator, end }: TokenizerAtWork,
  { textTokens, answerTokens }: DecoderRecipe,
  constraint: Constraint | undefined,
): PromptFormat {
  const longest = (of: (example: AnsweredText) => string) =>
    examples.reduce((most, example) => Math.max(most, tokenizer.encode(of(example)).length), 1);
  const answer = Math.max(longest((example) => example.answer) + 8, constraint?.shortest ?? 0);
  return {
    separator,
    end,
    textTokens: Math.min(
      textTokens,
      longest((example) => example.text),
    ),
    answerTokens: Math.min(answerTokens, answer),
  };
}

/** A decoder and rows to learn, made ready for the chips. */
export function decoderTrainable({
  shape,
  rows,
  recipe,
}: {
  readonly shape: nn.DecoderShape;
  readonly rows: readonly SoftRow[];
  readonly recipe: DecoderRecipe;
}): Trainable {
  const rowLength = rows.reduce((most, row) => Math.max(most, rowTokens(row)), 1);
  const batch = batchSize(rows.length, recipe);
  // Of a vocabulary that is no larger, all tokens but one are known, and the rest is that one.
  const known = Math.min(recipe.distribution.known, shape.vocabulary - 1);
  const teacher = rows.some(({ soft }) => soft) ? { ...recipe.distribution, known } : undefined;
  return {
    loss: () =>
      nn.decoderLoss(shape, {
        ...{ length: rowLength, packed: true, dropout: recipe.dropout },
        ...(teacher && { teacher }),
      }),
    lengths: rows.map(rowTokens),
    pace: recipe,
    batch,
    positions: (lengths) => packedPositions(lengths, rowLength),
    microbatches: (parts) => {
      const taught = parts.map((part) => part.map((index) => rows[index]));
      const learnt = taught.flat().reduce((sum, row) => sum + learntTokens(row), 0);
      return taught.map((part) => {
        const layout = layoutOf(part, rowLength);
        const hard = microbatchOf(layout, rowLength, 1 / learnt);
        return teacher ? { ...hard, ...softInputs(layout, rowLength, known) } : hard;
      });
    },
    bounds: (microbatches) => ({ B: batch / microbatches }),
  };
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
