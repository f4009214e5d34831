/**
 * Trains any family's model on examples, as a pipeline over the chips: what is the same for all of them. It plans how
 * the model is spread, keeps to the time budget, draws batches of examples of like length, looks at the validation
 * split on the way, and goes on from where a process was interrupted.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import {
  bucketByLength,
  type Chip,
  KolbenError,
  type Microbatch,
  type OptimizerOptions,
  type Parameters,
  type Plan,
  type PlanProgress,
  plan,
  type Schedule,
  type TrainResult,
  train,
  type Value,
  warmUpCosine,
} from '@kolben/engine';
import { ArrivalDraws, type Arrivals } from './arrivals.ts';
import { countTokens, type TokenCounts } from './count-tokens.ts';
import { stepTimelines } from './step-timelines.ts';
import type { TrainingListener } from './training-listener.ts';
import { openTrainingWork } from './training-work.ts';

/** The numbers of a recipe that say how long and how fast it is trained, whatever the model. */
export interface Pace {
  /** Passes over the training split, if the time allows. */
  readonly epochs: number;
  /** Fewest steps: a small training split is passed over more often, up to `mostEpochs`. */
  readonly leastSteps: number;
  readonly mostEpochs: number;
  /** Examples in a step, cut into `microbatches`. */
  readonly batch: number;
  readonly microbatches: number;
  /** Highest learning rate; it rises over the first `warmUp` share of steps and falls as a cosine to `floor` of it. */
  readonly learningRate: number;
  readonly warmUp: number;
  readonly floor: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Share of the steps, at the end, whose parameters are averaged; 0 for none. */
  readonly averaged: number;
}

/** A model and its examples, made ready: everything that does not depend on how it is spread over chips. */
export interface Trainable {
  /** The model with its loss, built anew for each call: a graph is compiled once. */
  readonly loss: () => Value;
  /** Of each training example, in tokens of whatever kind. */
  readonly lengths: readonly number[];
  readonly pace: Pace;
  /** Examples in a step: see `batchSize`. */
  readonly batch: number;
  /**
   * The inputs of a step, one microbatch for each list of indices of training examples. A function of its arguments
   * alone: steps are asked for again.
   */
  readonly microbatches: (parts: readonly (readonly number[])[], step: number) => readonly Microbatch[];
  /** The largest extent of each symbolic dimension in a microbatch, when a step has so many of them. */
  readonly bounds: (microbatches: number) => Readonly<Record<string, number>>;
  /** Positions that a microbatch of examples of such lengths computes. */
  readonly positions: (lengths: readonly number[]) => number;
  /** By default the pace's AdamW. */
  readonly optimizer?: OptimizerOptions;
  /** Start values by parameter name; the others are drawn from the seed. */
  readonly initial?: Parameters;
}

/** How the model is spread over chips, and what ends the training early. */
export interface OnChipsOptions {
  readonly chips: readonly Chip[];
  readonly seed: number;
  /** Bytes that each chip may use; a model that needs more on one chip is cut into stages. Default: no limit. */
  readonly memoryLimit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PlanOnChipsOptions extends OnChipsOptions {
  /**
   * Weighs only what trains the very student that one chip would, on the chips as they are; otherwise also schedules
   * whose sums are rounded otherwise, other numbers of microbatches, and the cores of the chips in larger groups.
   * Default true.
   */
  readonly sameBits?: boolean;
  readonly onPlanProgress?: ((progress: PlanProgress) => void) | undefined;
  /**
   * Steps that the training will have: a short one isn't worth measuring much, a very short one takes one chip. Default:
   * what is best is found out, however long that takes.
   */
  readonly runSteps?: number | undefined;
}

export interface TrainOnChipsOptions extends OnChipsOptions {
  /** Seconds that training may take: if the measured blocks say it would take longer, there are fewer epochs. */
  readonly timeBudget: number;
  /** Latest steps whose timeline is kept. */
  readonly timelineSteps?: number | undefined;
  /** Beginning of the names of files that keep the training's state, and what it is of. Default: none is kept. */
  readonly work?: { readonly prefix: string; readonly of: string } | undefined;
  readonly onProgress?: ((progress: TrainProgress) => void) | undefined;
  readonly listener?: TrainingListener | undefined;
  /**
   * Training examples whose answers arrive meanwhile; the training then follows their coming, and its state is not kept.
   * Default: all answers are there.
   */
  readonly arrivals?: Arrivals | undefined;
  /** Looks at the validation split; nothing is chosen by it. Default: it is never looked at. */
  readonly look?: ((parameters: Parameters) => Promise<Look | undefined>) | undefined;
}

export interface TrainProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
}

/** What the validation split says of the model on its way. */
export interface Look {
  readonly loss: number;
  /** Share of its examples that are answered as the teacher did, 0 to 1. */
  readonly agreement: number;
}

export interface TrainedOnChips {
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
  /** Tokens that were read in all steps, without what fills up short examples. */
  readonly tokens: number;
  /** Positions that were computed for them: the tokens, and what fills up short examples. */
  readonly positions: number;
  readonly validation: readonly (Look & { readonly step: number })[];
  /** The step from which an interrupted training went on; 0 if it didn't. */
  readonly resumedAt: number;
  /** Removes what was kept for the case that the process dies; to be called when the student is safe. */
  readonly finishWork: () => Promise<void>;
}

export class TrainStudentError extends KolbenError {}

/** Steps that may be asked for before the one after which `onStep` was called last, and one to spare. */
const stepsAhead = 4;

/** Times in a run at which the validation split is looked at, … */
const mostLooks = 8;
/** … and fewer where they would be nearer together: a look costs as much as some steps. */
const stepsBetweenLooks = 20;

/** Of a training of fewer steps, fewer are measured. */
const shortTraining = 1000;

/** How the model would be trained: measures its blocks on the chips and weighs the ways to spread them. */
export function planOnChips(
  { loss, microbatches, lengths, batch, bounds, pace, optimizer = adamW(pace) }: Trainable,
  { chips, seed, signal, memoryLimit, sameBits = true, onPlanProgress, runSteps }: PlanOnChipsOptions,
): Promise<Plan> {
  const first = bucketByLength(lengths, { batch, seed, epoch: 0 })[0];
  const { microbatches: own } = pace;
  const counts = sameBits
    ? [own]
    : [own / 2, own, 2 * own].filter((count) => Number.isInteger(count) && batch % count === 0);
  return plan({
    loss,
    chips: sameBits ? chips : chips.length,
    optimizer,
    averages: pace.averaged > 0,
    seed,
    signal,
    memoryLimit,
    bounds,
    microbatches: Object.fromEntries(
      counts.map((count) => [count, (step: number) => microbatches(partsOf(first, count), step)]),
    ),
    sameBits,
    runSteps,
    ...(runSteps !== undefined && runSteps < shortTraining ? { steps: 3, warmUp: 2 } : {}),
    onProgress: onPlanProgress,
  });
}

/**
 * Plans, then trains.
 *
 * @throws TrainStudentError (`train_too_few`) through `batchSize`; what the engine's `plan` and `train` throw
 */
export async function trainOnChips(
  trainable: Trainable,
  options: TrainOnChipsOptions,
): Promise<TrainedOnChips> {
  const { lengths, pace, batch, microbatches, bounds, optimizer = adamW(pace), initial } = trainable;
  const { chips, seed, signal, memoryLimit } = options;
  const stepsPerEpoch = Math.floor(lengths.length / batch);
  const wanted = Math.min(pace.mostEpochs, Math.max(pace.epochs, Math.ceil(pace.leastSteps / stepsPerEpoch)));
  const runSteps = wanted * stepsPerEpoch;
  const planned = await planOnChips(trainable, { chips, seed, signal, memoryLimit, runSteps });
  const { choice, reason } = planned;
  const { listener } = options;
  listener?.onPlan?.(planned);

  // A tenth is left for what no prediction holds.
  const affordable = Math.floor((0.9 * options.timeBudget * 1000) / (choice.stepMs * stepsPerEpoch));
  /** May still shrink on the way, when the machine is slower than the blocks said. */
  let steps = Math.max(1, Math.min(wanted, affordable)) * stepsPerEpoch;
  const { arrivals } = options;
  const kept = arrivals ? undefined : options.work;
  const work = kept && (await openTrainingWork(kept.prefix, kept.of));
  // An interrupted training goes on as it was planned: its learning rates depend on the number of steps.
  steps = work?.steps ?? steps;
  await work?.plan(steps);

  const draws = arrivals && new ArrivalDraws({ arrivals, lengths, batch, seed, steps: () => steps });
  await draws?.ready(stepsAhead, signal);
  const orders = new Map<number, number[][]>();
  const partsAt = (step: number): number[][] => {
    if (draws) return partsOf(draws.at(step), pace.microbatches);
    const epoch = Math.floor(step / stepsPerEpoch);
    let order = orders.get(epoch);
    if (!order) {
      order = bucketByLength(lengths, { batch, seed, epoch });
      orders.clear();
      orders.set(epoch, order);
    }
    return partsOf(order[step % stepsPerEpoch], pace.microbatches);
  };
  const tokensOf = (parts: readonly (readonly number[])[]): TokenCounts =>
    countTokens(
      parts.map((part) => part.map((index) => lengths[index])),
      trainable.positions,
    );
  const rateAt = (step: number): number =>
    draws ? rateOfArrivals(pace, steps, step, draws.closedAt) : learningRateAt(pace, steps)(step);
  /** Of the steps that were handed out and are still to be told of. */
  const read = new Map<number, TokenCounts>();
  const validation: (Look & { step: number })[] = [];
  // The last look follows the last step, so that the steps whose timeline is kept ran without a pause.
  const looksAfter = (step: number) => {
    const looks = Math.max(1, Math.min(mostLooks, Math.floor(steps / stepsBetweenLooks)));
    return Math.floor(((step + 1) * looks) / steps) > Math.floor((step * looks) / steps);
  };
  const begun = performance.now();
  const waitedBefore = draws?.waited ?? 0;
  /** The step with which this process began. */
  let first: number | undefined;

  const run = await train({
    chips,
    optimizer,
    bounds: bounds(pace.microbatches),
    seed,
    signal,
    memoryLimit,
    initial,
    loss: trainable.loss(),
    cuts: choice.cuts,
    schedule: choice.schedule,
    recompute: choice.recompute,
    steps,
    microbatches: (step) => {
      const parts = partsAt(step);
      if (listener?.onStep) read.set(step, tokensOf(parts));
      return microbatches(parts, step);
    },
    learningRate: rateAt,
    timelineSteps: options.timelineSteps,
    ...(work && kept ? { checkpoint: { file: work.file, of: kept.of } } : {}),
    averages:
      pace.averaged > 0
        ? (step) => step >= firstAveraged(pace, steps, draws ? (draws.closedAt ?? steps) : 0)
        : undefined,
    onStep: async ({ step, loss: value, parameters, shorten, timeline }) => {
      // Waiting for answers is nobody's slowness.
      const seconds = (performance.now() - begun - (draws?.waited ?? 0) + waitedBefore) / 1000;
      first ??= step;
      const possible = first + affordableSteps(step + 1 - first, seconds, options.timeBudget);
      if (possible < steps) {
        steps = possible;
        shorten(steps);
        await work?.plan(steps);
      }
      options.onProgress?.({ step: step + 1, steps, loss: value });
      listener?.onStep?.({
        ...{ step: step + 1, steps, loss: value, learningRate: rateAt(step) },
        counts: read.get(step) ?? { tokens: 0, positions: 0 },
        timelines: () => stepTimelines(choice.schedule, timeline(), { steps: options.timelineSteps ?? 4 }),
      });
      read.delete(step);
      if (looksAfter(step) && options.look) {
        const seen = await options.look(await parameters());
        if (seen) {
          validation.push({ step: step + 1, ...seen });
          listener?.onLook?.({ step: step + 1, ...seen });
        }
      }
      await draws?.ready(step + 1 + stepsAhead, signal);
    },
  }).catch(async (error: unknown) => {
    // Without a checkpoint there is nothing to go on from, and nothing to leave behind.
    if (work && !existsSync(work.file)) await work.remove();
    throw error;
  });

  // Counted afterwards and not on the way: steps of an earlier process belong to it, and those done again do not.
  const { tokens, positions } = countTokens(
    run.losses.flatMap((_, step) => partsAt(step).map((part) => part.map((index) => lengths[index]))),
    trainable.positions,
  );
  return {
    parameters: run.parameters,
    run,
    schedule: choice.schedule,
    reason,
    plannedBubble: choice.bubble,
    stages: run.stages.map((stage) => stage.blocks),
    steps: run.losses.length,
    epochs: run.losses.length / stepsPerEpoch,
    epochsWanted: wanted,
    tokens,
    positions,
    validation,
    resumedAt: run.resumedAt,
    finishWork: async () => work?.remove(),
  };
}

/**
 * Examples in a step: the recipe's batch, or for few examples the largest smaller one that its microbatches divide.
 *
 * @throws TrainStudentError (`train_too_few`) for fewer examples than microbatches
 */
export function batchSize(examples: number, { batch, microbatches }: Pace): number {
  if (examples < microbatches)
    throw new TrainStudentError(
      'train_too_few',
      `The training split has ${examples} examples, and training takes ${microbatches} or more; record more calls.`,
    );
  return Math.min(batch, examples - (examples % microbatches));
}

/** A step's examples as so many microbatches of as many each. */
function partsOf(indices: readonly number[], count: number): number[][] {
  const { length } = indices;
  return Array.from({ length: count }, (_, m) =>
    indices.slice((m * length) / count, ((m + 1) * length) / count),
  );
}

function adamW({ beta1, beta2, epsilon, weightDecay }: Pace): OptimizerOptions {
  return { beta1, beta2, epsilon, weightDecay };
}

/** The learning rate at a step, from 0. */
function learningRateAt(
  { learningRate, warmUp, floor }: Pick<Pace, 'learningRate' | 'warmUp' | 'floor'>,
  steps: number,
): (step: number) => number {
  const rising = Math.max(1, Math.round(steps * warmUp));
  return warmUpCosine({ peak: learningRate, steps: Math.max(steps, rising), warmUp: rising, floor });
}

/**
 * The learning rate while answers arrive: it stays at its highest until the last of them has come, and falls from there
 * to the end, so that what comes late is learned as well as what was there first.
 *
 * @param closedAt the first step that was drawn from all of them; undefined: not yet
 */
export function rateOfArrivals(
  pace: Pick<Pace, 'learningRate' | 'warmUp' | 'floor'>,
  steps: number,
  step: number,
  closedAt: number | undefined,
): number {
  const rising = Math.max(1, Math.round(steps * pace.warmUp));
  if (closedAt !== undefined && closedAt <= rising) return learningRateAt(pace, steps)(step);
  if (step < rising || closedAt === undefined || step < closedAt)
    return pace.learningRate * Math.min(1, (step + 1) / rising);
  const left = (steps - step) / Math.max(1, steps - closedAt);
  return pace.learningRate * (pace.floor + (1 - pace.floor) * 0.5 * (1 - Math.cos(Math.PI * left)));
}

/** The last share of the steps, or where answers came late the second half of what came after the last of them. */
function firstAveraged({ averaged }: Pace, steps: number, closedAt: number): number {
  return Math.max(Math.floor(steps * (1 - averaged)), Math.floor((steps + closedAt) / 2));
}

/** Steps that say how fast the machine is; the very first are slower than all others. */
const stepsToJudge = 40;

/** How many steps the budget allows in all at the pace so far; no fewer than two more, which are under way. */
function affordableSteps(done: number, seconds: number, budget: number): number {
  if (done < stepsToJudge || seconds * done === 0) return Number.POSITIVE_INFINITY;
  return Math.max(done + 2, Math.floor((budget / seconds) * done));
}
