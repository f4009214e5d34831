/**
 * Trains a classifier from scratch on labelled texts, as a pipeline over the chips.
 *
 * @module
 */

import { existsSync } from 'node:fs';
import {
  bucketByLength,
  type Chip,
  KolbenError,
  type Parameters,
  type Plan,
  type PlanProgress,
  plan,
  randomStream,
  type Schedule,
  type TrainResult,
  train,
} from '@kolben/engine';
import { negativeLogLikelihood } from '../../certificates/temperature.ts';
import { openTrainingWork } from '../training-work.ts';
import { answeringModel } from './answering-graph.ts';
import { decide, loadAnsweringProgram } from './answering-program.ts';
import { microbatch, prepareTexts } from './batches.ts';
import { countWords } from './count-words.ts';
import { learningRateAt, type Recipe } from './recipe.ts';
import type { StudentShape } from './shape.ts';
import { spellTexts } from './spell-texts.ts';
import { trainingLoss } from './training-graph.ts';
import { buildVocabulary, type Vocabulary } from './vocabulary.ts';

export interface LabelledText {
  readonly text: string;
  /** Index of its label; -1 for one that the student cannot say. */
  readonly label: number;
}

export interface TrainStudentOptions {
  readonly train: readonly LabelledText[];
  /** Watched while training; nothing is chosen by it. */
  readonly validation: readonly LabelledText[];
  readonly classes: number;
  readonly recipe: Recipe;
  readonly chips: readonly Chip[];
  readonly seed: number;
  /** Seconds that training may take: if the measured blocks say it would take longer, there are fewer epochs. */
  readonly timeBudget: number;
  /** Bytes that each chip may use; a student that needs more on one chip is cut into stages. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  /** Latest steps whose timeline is kept. */
  readonly timelineSteps?: number;
  /** Beginning of the names of files that keep the training's state, and what it is of. Default: none is kept. */
  readonly work?: { readonly prefix: string; readonly of: string };
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
}

export interface TrainProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

export interface TrainedStudent {
  readonly shape: StudentShape;
  readonly vocabulary: Vocabulary;
  readonly parameters: Parameters;
  readonly run: TrainResult;
  readonly schedule: Schedule;
  /** Why it was chosen, in a sentence. */
  readonly reason: string;
  /** Share of the chips' time in which they wait, as the planner predicted it. */
  readonly plannedBubble: number;
  /** Names of the blocks on each stage. */
  readonly stages: readonly (readonly string[])[];
  readonly steps: number;
  /** Passes over the training split; a part of one where the time budget ended the last. */
  readonly epochs: number;
  /** As many as the recipe asks for. */
  readonly epochsWanted: number;
  /** Words that were read in all steps, without what fills up short texts. */
  readonly tokens: number;
  /** Positions that were computed for them: the words, and what fills up short texts. */
  readonly positions: number;
  readonly validation: readonly {
    readonly step: number;
    readonly loss: number;
    readonly agreement: number;
  }[];
  /** The step from which an interrupted training went on; 0 if it didn't. */
  readonly resumedAt: number;
  /** Removes what was kept for the case that the process dies; to be called when the student is safe. */
  readonly finishWork: () => Promise<void>;
}

export class TrainStudentError extends KolbenError {}

/** Times in a run at which the validation split is looked at. */
const looks = 8;

export interface PlanStudentOptions
  extends Pick<
    TrainStudentOptions,
    'train' | 'classes' | 'recipe' | 'chips' | 'seed' | 'memoryLimit' | 'signal'
  > {
  /**
   * Weighs only what trains the very student that one chip would, on the chips as they are; otherwise also schedules
   * whose sums are rounded otherwise, other numbers of microbatches, and the cores of the chips in larger groups.
   * Default true.
   */
  readonly sameBits?: boolean;
  readonly onPlanProgress?: (progress: PlanProgress) => void;
}

/** How the student would be trained: measures its blocks on the chips and weighs the ways to spread them. */
export async function planStudent(options: PlanStudentOptions): Promise<Plan> {
  return planned(await prepareTraining(options), options);
}

type Prepared = Awaited<ReturnType<typeof prepareTraining>>;

function planned(
  { loss, microbatches, lengths, batch, bounds, optimizer, averages }: Prepared,
  { chips, seed, signal, recipe, memoryLimit, sameBits = true, onPlanProgress }: PlanStudentOptions,
): Promise<Plan> {
  const first = bucketByLength(lengths, { batch, seed, epoch: 0 })[0];
  const { microbatches: own } = recipe;
  const counts = sameBits
    ? [own]
    : [own / 2, own, 2 * own].filter((count) => Number.isInteger(count) && batch % count === 0);
  return plan({
    loss,
    chips: sameBits ? chips : chips.length,
    optimizer,
    averages,
    seed,
    signal,
    memoryLimit,
    bounds,
    microbatches: Object.fromEntries(
      counts.map((count) => [count, (step: number) => microbatches(first, step, count)]),
    ),
    sameBits,
    onProgress: onPlanProgress,
  });
}

/** Everything that training needs and that does not depend on how it is spread over chips. */
async function prepareTraining({ train, classes, recipe, chips, seed, signal }: PlanStudentOptions) {
  const texts = train.map((example) => example.text);
  const labels = train.map((example) => example.label);

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
    classes,
    pieces: vocabulary.pieces,
    bag: vocabulary.bag,
    maxWords,
    byteLimit,
  };

  const batch = batchSize(texts.length, recipe);
  const lengths = prepared.texts.map((text) => text.words.length);
  const partsOf = (indices: readonly number[], count = recipe.microbatches) =>
    Array.from({ length: count }, (_, m) => indices.slice((m * batch) / count, ((m + 1) * batch) / count));
  const microbatches = (indices: readonly number[], step: number, count = recipe.microbatches) =>
    partsOf(indices, count).map((part, m) => {
      const draw = randomStream(seed, 'dropout', step, m);
      return microbatch(
        prepared,
        part,
        part.map((i) => labels[i]),
        1 / batch,
        recipe.dropouts,
        draw,
      );
    });
  const bounds = (count: number) => ({
    B: batch / count,
    T: maxWords,
    U: (batch / count) * maxWords + 1,
    S: vocabulary.pieces,
    R: vocabulary.bag,
  });
  const loss = () => trainingLoss(shape, recipe.regularisation);
  const { beta1, beta2, epsilon, weightDecay } = recipe;
  return {
    texts,
    shape,
    vocabulary,
    batch,
    lengths,
    partsOf,
    microbatches,
    bounds,
    loss,
    optimizer: { beta1, beta2, epsilon, weightDecay },
    averages: recipe.averaged > 0,
  };
}

export async function trainStudent(options: TrainStudentOptions): Promise<TrainedStudent> {
  const { recipe, chips, seed, signal } = options;
  const prepared = await prepareTraining(options);
  const { texts, shape, vocabulary, batch, lengths, partsOf, microbatches, bounds, loss, optimizer } =
    prepared;
  const { choice, reason } = await planned(prepared, options);
  const { memoryLimit } = options;
  const common = { chips, optimizer, bounds: bounds(recipe.microbatches), seed, signal, memoryLimit };

  const stepsPerEpoch = Math.floor(texts.length / batch);
  const wanted = Math.min(
    recipe.mostEpochs,
    Math.max(recipe.epochs, Math.ceil(recipe.leastSteps / stepsPerEpoch)),
  );
  // A tenth is left for what no prediction holds.
  const affordable = Math.floor((0.9 * options.timeBudget * 1000) / (choice.stepMs * stepsPerEpoch));
  /** May still shrink on the way, when the machine is slower than the blocks said. */
  let steps = Math.max(1, Math.min(wanted, affordable)) * stepsPerEpoch;
  const work = options.work && (await openTrainingWork(options.work.prefix, options.work.of));
  // An interrupted training goes on as it was planned: its learning rates depend on the number of steps.
  steps = work?.steps ?? steps;
  await work?.plan(steps);

  const orders = new Map<number, number[][]>();
  const indicesOf = (step: number): number[] => {
    const epoch = Math.floor(step / stepsPerEpoch);
    let order = orders.get(epoch);
    if (!order) {
      order = bucketByLength(lengths, { batch, seed, epoch });
      orders.clear();
      orders.set(epoch, order);
    }
    return order[step % stepsPerEpoch];
  };
  const validation: { step: number; loss: number; agreement: number }[] = [];
  // The last look follows the last step, so that the steps whose timeline is kept ran without a pause.
  const looksAfter = (step: number) =>
    Math.floor(((step + 1) * looks) / steps) > Math.floor((step * looks) / steps);
  const begun = performance.now();
  /** The step with which this process began. */
  let first: number | undefined;

  const run = await train({
    ...common,
    loss: loss(),
    cuts: choice.cuts,
    schedule: choice.schedule,
    recompute: choice.recompute,
    steps,
    microbatches: (step) => microbatches(indicesOf(step), step),
    learningRate: (step) => learningRateAt(recipe, steps)(step),
    timelineSteps: options.timelineSteps,
    ...(work && options.work ? { checkpoint: { file: work.file, of: options.work.of } } : {}),
    averages: (step) => step >= Math.floor(steps * (1 - recipe.averaged)),
    onStep: async ({ step, loss: value, parameters, shorten }) => {
      const seconds = (performance.now() - begun) / 1000;
      first ??= step;
      const possible = first + affordableSteps(step + 1 - first, seconds, options.timeBudget);
      if (possible < steps) {
        steps = possible;
        shorten(steps);
        await work?.plan(steps);
      }
      options.onProgress?.({ step: step + 1, steps, loss: value });
      if (!looksAfter(step) || options.validation.length === 0) return;
      const onnx = answeringModel(shape, vocabulary, await parameters(), { temperature: 1, metadata: {} });
      validation.push({ step: step + 1, ...(await look(onnx, options, shape)) });
    },
  }).catch(async (error: unknown) => {
    // Without a checkpoint there is nothing to go on from, and nothing to leave behind.
    if (work && !existsSync(work.file)) await work.remove();
    throw error;
  });

  // Counted afterwards and not on the way: steps of an earlier process belong to it, and those done again do not.
  const { words, positions } = countWords(
    run.losses.flatMap((_, step) =>
      partsOf(indicesOf(step)).map((part) => part.map((index) => lengths[index])),
    ),
  );
  return {
    shape,
    vocabulary,
    parameters: run.parameters,
    run,
    schedule: choice.schedule,
    reason,
    plannedBubble: choice.bubble,
    stages: run.stages.map((stage) => stage.blocks),
    steps: run.losses.length,
    epochs: run.losses.length / stepsPerEpoch,
    epochsWanted: wanted,
    tokens: words,
    positions,
    validation,
    resumedAt: run.resumedAt,
    finishWork: async () => work?.remove(),
  };
}

/** Steps that say how fast the machine is; the very first are slower than all others. */
const stepsToJudge = 40;

/** How many steps the budget allows in all at the pace so far; no fewer than two more, which are under way. */
function affordableSteps(done: number, seconds: number, budget: number): number {
  if (done < stepsToJudge || seconds * done === 0) return Number.POSITIVE_INFINITY;
  return Math.max(done + 2, Math.floor((budget / seconds) * done));
}

/** Loss and agreement of a model on the validation split. */
async function look(
  onnx: Uint8Array,
  { validation, chips }: Pick<TrainStudentOptions, 'validation' | 'chips'>,
  { classes, byteLimit }: StudentShape,
): Promise<{ loss: number; agreement: number }> {
  const program = await loadAnsweringProgram(onnx, { chips: chips.slice(0, 1), classes, byteLimit });
  try {
    const logits = await program.logits(validation.map((example) => example.text));
    const labels = validation.map((example) => example.label);
    const agreed = decide(logits, classes).filter(({ label }, i) => label === labels[i]).length;
    return { loss: negativeLogLikelihood(logits, classes, labels, 1), agreement: agreed / labels.length };
  } finally {
    await program.release();
  }
}

/** The recipe's batch, or for few texts the largest smaller one that its microbatches divide. */
function batchSize(texts: number, { batch, microbatches }: Recipe): number {
  if (texts < microbatches)
    throw new TrainStudentError(
      'train_too_few',
      `The training split has ${texts} examples, and training takes ${microbatches} or more; record more calls.`,
    );
  return Math.min(batch, texts - (texts % microbatches));
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}
