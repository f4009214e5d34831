/**
 * Trains a decoder on texts and their answers as a pipeline over the chips: from scratch, with a tokenizer of its own,
 * or from an open model with that model's.
 *
 * @module
 */
import { nn, type Parameters } from '@kolben/engine';
import { BaseError } from '../../base/base-error.ts';
import { arrangedJson } from '../../constrained/arranged-json.ts';
import { type Constraint, constraintOf } from '../../constrained/constraint.ts';
import { SchemaError } from '../../constrained/schema-error.ts';
import { type Equality, equalBy } from '../../equality/equality.ts';
import type { LocalTeacher } from '../../teachers/local-teacher.ts';
import { bpeFiles } from '../../tokenizers/bpe-files.ts';
import { promptFiles } from '../../tokenizers/prompt-files.ts';
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
import type { DecoderFolder, TokenizerAtWork } from './decoder-folder.ts';
import { answerToken, endToken, type PromptFormat, positionsOf, taughtRow } from './prompt.ts';
import type { DecoderRecipe, FineTuningRecipe, ScratchRecipe } from './recipe.ts';
import { loadAnswerWriter } from './write-answers.ts';

export interface AnsweredText {
  readonly text: string;
  readonly answer: string;
}

/** What is trained: a model of the recipe's own shape, or an open one. */
export type DecoderStart =
  | { readonly recipe: ScratchRecipe; readonly base?: undefined }
  | { readonly recipe: FineTuningRecipe; readonly base: DecoderFolder };

export interface PrepareDecoderOptions {
  readonly start: DecoderStart;
  readonly task: GenerateTask;
  readonly train: readonly AnsweredText[];
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
  const { task, signal } = options;
  const { schema } = task;
  const examples = learntAnswers(options.train, task, schema && constraintOf(schema, everyByte));
  const { teacher, start } = options;
  const { base, recipe } = start;
  if (teacher && base) checkSameTokens(teacher, base);
  const given = teacher ?? (start.base ? start.base : ownTokenizer(examples, start.recipe, signal));
  const { tokenizer } = given;
  const constraint = schema && constraintOf(schema, tokenizer);
  const format = formatOf(examples, given, recipe, { constraint, positions: base?.shape.positions });
  // Names the room that is missing before anything is trained.
  constraint?.begin(format.answerTokens);
  const shape: nn.DecoderShape = {
    ...(start.base ? start.base.shape : ownShape(start.recipe, teacher?.vocabulary ?? tokenizer.size)),
    // Of a base's, as many as the longest text and answer take: each costs room in tables, and no weight.
    positions: positionsOf(format),
  };
  const taught = examples.map((example) => taughtRow(example, tokenizer, format));
  const soft = await teacher?.targets(taught, recipe.distribution.known, signal);
  const rows = taught.map((row, i) => ({ ...row, soft: soft?.[i] }));
  const adapters = start.base ? start.recipe.adapters : null;
  const trainable = decoderTrainable({ shape, rows, recipe, initial: base?.parameters, adapters });
  const tokenizerFiles = teacher || base ? promptFiles(given.tokenizerFiles, format) : given.tokenizerFiles;
  return { shape, tokenizerFiles, tokenizer, format, constraint, trainable };
}

function ownShape(
  { width, layers, heads, keyValueHeads, hidden }: ScratchRecipe,
  vocabulary: number,
): Omit<nn.DecoderShape, 'positions'> {
  return {
    ...{ vocabulary, width, layers, heads, keyValueHeads, hidden },
    ...{ tied: true, rotaryPairs: 'halves' },
  };
}

/** A distribution over tokens can be learnt by a model of the same tokens only. */
function checkSameTokens(teacher: LocalTeacher, base: DecoderFolder): void {
  const [theirs, own] = [teacher.tokenizer, base.tokenizer];
  const isSame = (id: number) =>
    Buffer.compare(theirs.bytesOf(id) ?? Buffer.of(), own.bytesOf(id) ?? Buffer.of()) === 0;
  if (theirs.size === own.size && Array.from({ length: own.size }, (_, id) => id).every(isSame)) return;
  throw new BaseError(
    'base_tokenizer',
    `The base ${base.name} and the teacher ${teacher.name} have different tokens, and a distribution over tokens can only be learnt of the same ones; take a base of the teacher's family, or leave one of both out.`,
  );
}

export async function trainDecoder(options: TrainDecoderOptions): Promise<TrainedDecoder> {
  const { trainable, ...prepared } = await prepareDecoder(options);
  const { shape, tokenizer, format, constraint } = prepared;
  const { signal, start } = options;
  const wholeOf = (trained: Parameters): Parameters => {
    if (!start.base) return trained;
    const all = { ...start.base.parameters, ...trained };
    return start.recipe.adapters ? nn.mergeLowRank(all, start.recipe.adapters) : all;
  };
  const trained = await trainOnChips(trainable, {
    ...options,
    look:
      options.validation.length === 0
        ? undefined
        : async (found): Promise<Look> => {
            const parameters = wholeOf(found);
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
  return { ...trained, ...prepared, parameters: wholeOf(trained.parameters) };
}

/** A tokenizer trained on the examples. */
function ownTokenizer(
  examples: readonly AnsweredText[],
  { vocabulary, leastCount, textTokens }: ScratchRecipe,
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
    begin: [],
    separator: [tokenizer.idOf(answerToken) as number],
    end: tokenizer.idOf(endToken) as number,
  };
}

/** As much room as the examples take, and a little for answers that are longer. */
function formatOf(
  examples: readonly AnsweredText[],
  { tokenizer, begin, separator, end }: TokenizerAtWork,
  recipe: Pick<DecoderRecipe, 'textTokens' | 'answerTokens'>,
  {
    constraint,
    positions = Number.POSITIVE_INFINITY,
  }: { readonly constraint: Constraint | undefined; readonly positions: number | undefined },
): PromptFormat {
  const longest = (of: (example: AnsweredText) => string) =>
    examples.reduce((most, example) => Math.max(most, tokenizer.encode(of(example)).length), 1);
  const around = begin.length + separator.length;
  const wanted = Math.max(longest((example) => example.answer) + 8, constraint?.shortest ?? 0);
  // Of too few positions, half at the most go to the answer.
  const answerTokens = Math.min(recipe.answerTokens, wanted, Math.ceil((positions - around) / 2));
  const textTokens = Math.min(
    recipe.textTokens,
    longest((example) => example.text),
    positions - around - answerTokens,
  );
  if (textTokens < 1 || answerTokens < 1)
    throw new BaseError(
      'base_positions',
      `The base has ${positions} positions, too few for a text and an answer; take another base.`,
    );
  return { begin, separator, end, textTokens, answerTokens };
}

/** A decoder and rows to learn, made ready for the chips. */
export function decoderTrainable({
  shape,
  rows,
  recipe,
  initial,
  adapters,
}: {
  readonly shape: nn.DecoderShape;
  readonly rows: readonly SoftRow[];
  readonly recipe: DecoderRecipe;
  /** Start values; the others are drawn. Default: all are. */
  readonly initial?: Parameters | undefined;
  /** Trains these instead of all of it. */
  readonly adapters?: nn.LowRank | null;
}): Trainable {
  const rowLength = rows.reduce((most, row) => Math.max(most, rowTokens(row)), 1);
  const batch = batchSize(rows.length, recipe);
  // As many as its targets tell of, which may be fewer than the recipe asks for.
  const taught = rows.find(({ soft }) => soft);
  const known = taught?.soft ? taught.soft.tokens.length / learntTokens(taught) : 0;
  const teacher = taught ? { ...recipe.distribution, known } : undefined;
  return {
    loss: () =>
      nn.decoderLoss(shape, {
        ...{ length: rowLength, packed: true, dropout: recipe.dropout },
        ...(teacher && { teacher }),
        ...(adapters && { adapters }),
      }),
    lengths: rows.map(rowTokens),
    pace: recipe,
    batch,
    positions: (lengths) => packedPositions(lengths, rowLength),
    microbatches: (parts) => {
      const parted = parts.map((part) => part.map((index) => rows[index]));
      const learnt = parted.flat().reduce((sum, row) => sum + learntTokens(row), 0);
      return parted.map((part) => {
        const layout = layoutOf(part, rowLength);
        const hard = microbatchOf(layout, rowLength, 1 / learnt);
        return teacher ? { ...hard, ...softInputs(layout, rowLength, known) } : hard;
      });
    },
    bounds: (microbatches) => ({ B: batch / microbatches }),
    ...(initial && { initial }),
  };
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
