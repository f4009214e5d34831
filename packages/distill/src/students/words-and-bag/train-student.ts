/**
 * Trains a classifier from scratch on labelled texts, as a pipeline over the chips.
 *
 * @module
 */
import { type Chip, type Plan, randomStream } from '@kolben/engine';
import { decideLabels, lossOf } from '../decide-labels.ts';
import { type TaughtExample, targetsOf } from '../label-targets.ts';
import type { ClassifyTask } from '../task.ts';
import {
  batchSize,
  type Look,
  type PlanOnChipsOptions,
  planOnChips,
  type Trainable,
  type TrainedOnChips,
  type TrainOnChipsOptions,
  trainOnChips,
} from '../train-on-chips.ts';
import { answeringModel } from './answering-graph.ts';
import { loadAnsweringProgram } from './answering-program.ts';
import { microbatch, positionsOfTexts, prepareTexts } from './batches.ts';
import type { Recipe } from './recipe.ts';
import type { StudentShape } from './shape.ts';
import { spellTexts } from './spell-texts.ts';
import { trainingLoss } from './training-graph.ts';
import { buildVocabulary, type Vocabulary } from './vocabulary.ts';

interface StudentOptions {
  /** Answers may still come; what is taught is looked up when it is needed. */
  readonly train: readonly TaughtExample[];
  readonly task: ClassifyTask;
  readonly recipe: Recipe;
}

export interface TrainStudentOptions extends StudentOptions, Omit<TrainOnChipsOptions, 'look'> {
  /** Watched while training, as far as it is there at the time; nothing is chosen by it. */
  readonly validation: () => readonly { readonly text: string; readonly answer: string }[];
}

export interface TrainedStudent extends TrainedOnChips {
  readonly shape: StudentShape;
  readonly vocabulary: Vocabulary;
}

/** How the student would be trained: measures its blocks on the chips and weighs the ways to spread them. */
export async function planStudent(options: StudentOptions & PlanOnChipsOptions): Promise<Plan> {
  const { trainable } = await prepareTraining(options);
  return planOnChips(trainable, options);
}

/** Everything that training needs and that does not depend on how it is spread over chips. */
async function prepareTraining({
  train,
  task,
  recipe,
  chips,
  seed,
  signal,
}: StudentOptions & PlanOnChipsOptions): Promise<{
  readonly shape: StudentShape;
  readonly vocabulary: Vocabulary;
  readonly trainable: Trainable;
}> {
  const texts = train.map((example) => example.text);
  const spelled = await spellTexts(texts, { chips, byteLimit: recipe.byteLimit, signal });
  const vocabulary = buildVocabulary(spelled, recipe.vocabulary);
  const longestText = longest(spelled.texts.map((text) => text.words.length));
  const maxWords = Math.max(4, Math.min(recipe.maxWords, longestText));
  const prepared = prepareTexts(spelled, vocabulary, maxWords);
  const { width, windows, heads, byteLimit } = recipe;
  const shape: StudentShape = {
    width,
    windows,
    heads,
    classes: task.labels.length,
    pieces: vocabulary.pieces,
    bag: vocabulary.bag,
    maxWords,
    byteLimit,
  };
  const batch = batchSize(texts.length, recipe);
  return {
    shape,
    vocabulary,
    trainable: {
      loss: () => trainingLoss(shape, recipe.regularisation, { multiple: task.multiple }),
      lengths: prepared.texts.map((text) => text.words.length),
      pace: recipe,
      batch,
      positions: positionsOfTexts,
      microbatches: (parts, step) =>
        parts.map((part, m) => {
          const draw = randomStream(seed, 'dropout', step, m);
          return {
            ...microbatch(prepared, part, 1 / batch, recipe.dropouts, draw),
            targets: targetsOf(
              part.map((i) => train[i]),
              task,
            ),
          };
        }),
      bounds: (count) => ({
        B: batch / count,
        T: maxWords,
        U: (batch / count) * maxWords + 1,
        S: vocabulary.pieces,
        R: vocabulary.bag,
      }),
    },
  };
}

export async function trainStudent(options: TrainStudentOptions): Promise<TrainedStudent> {
  const { shape, vocabulary, trainable } = await prepareTraining(options);
  const trained = await trainOnChips(trainable, {
    ...options,
    look: async (parameters) => {
      const validation = options.validation();
      if (validation.length === 0) return undefined;
      const onnx = answeringModel(shape, vocabulary, parameters, { temperature: 1, metadata: {} });
      return look(onnx, { validation, chips: options.chips, task: options.task }, shape);
    },
  });
  return { ...trained, shape, vocabulary };
}

/** Loss and agreement of a model on the validation split. */
async function look(
  onnx: Uint8Array,
  {
    validation,
    chips,
    task,
  }: {
    validation: readonly { readonly text: string; readonly answer: string }[];
    chips: readonly Chip[];
    task: ClassifyTask;
  },
  { classes, byteLimit }: StudentShape,
): Promise<Look> {
  const program = await loadAnsweringProgram(onnx, { chips: chips.slice(0, 1), classes, byteLimit });
  try {
    const logits = await program.logits(validation.map((example) => example.text));
    const answers = validation.map((example) => example.answer);
    const agreed = decideLabels(logits, task).filter(({ answer }, i) => answer === answers[i]).length;
    return { loss: lossOf(logits, answers, task), agreement: agreed / answers.length };
  } finally {
    await program.release();
  }
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}
