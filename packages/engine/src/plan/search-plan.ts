/**
 * Chooses how a model is trained over chips: cuts, schedule, microbatches, recomputation.
 *
 * Everything that is measured comes in; what is here is search, so that it can be tested without chips.
 *
 * @module
 */

import { compileStages, type Stage } from '../compile/stages.ts';
import type { Value } from '../graph/graph.ts';
import { type ChipMemory, mebibytes, memoryOf } from '../run/memory.ts';
import type { OptimizerOptions } from '../run/optimizer.ts';
import { scheduleFor } from '../run/schedule-for.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { keepsOrderOfSums } from '../schedule/keeps-order-of-sums.ts';
import { replicas } from '../schedule/replicas.ts';
import { ScheduleError } from '../schedule/schedule-error.ts';
import { makeSchedule, type ScheduleName } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import type { ModelCosts } from './model-costs.ts';
import { partition } from './partition.ts';
import { pieceBytes } from './piece-bytes.ts';
import { PlanError } from './plan-error.ts';
import { type PlanReason, planSentence } from './plan-reason.ts';
import { predictStep } from './predict-step.ts';
import { stepCosts } from './step-costs.ts';

/** One way to spread a model over chips, with what it is predicted to take. */
export interface PlanCandidate {
  /** As in the registry of schedules, or `replicas`. */
  readonly name: ScheduleName;
  readonly schedule: Schedule;
  readonly cuts: readonly number[];
  /** Names of the blocks of each stage. */
  readonly stages: readonly (readonly string[])[];
  readonly chips: number;
  /** Cores that each of the chips computes with. */
  readonly threads: number;
  readonly replicas: number;
  readonly microbatches: number;
  readonly recompute: boolean;
  /** Predicted milliseconds of a step, once the pipeline is full. */
  readonly stepMs: number;
  /** Predicted share of the chips' time in which they wait. */
  readonly bubble: number;
  /** Predicted bytes on each chip. */
  readonly memory: readonly ChipMemory[];
  /** Whether every chip has that memory. */
  readonly fits: boolean;
}

/** What was chosen, why, and what was weighed against it. */
export interface Plan {
  readonly choice: PlanCandidate;
  /** All that were weighed, the fastest that fit first. */
  readonly candidates: readonly PlanCandidate[];
  readonly why: PlanReason;
  /** The same as one sentence. */
  readonly reason: string;
}

/** What `searchPlan` chooses from. */
export interface SearchOptions {
  /** The model, built anew for each call: a graph is compiled once. */
  readonly loss: () => Value;
  /** One for each way that was measured: division into chips, number of microbatches, recomputation or not. */
  readonly measured: readonly ModelCosts[];
  /** The largest extents of a microbatch, by how many of them a step has. */
  readonly bounds: (microbatches: number) => Readonly<Record<string, number>>;
  readonly optimizer: OptimizerOptions;
  readonly averages: boolean;
  /** Bytes that each chip may use. Default: no limit. */
  readonly memoryLimit?: number;
  /** Schedules that may be chosen. Default: all. */
  readonly schedules?: readonly ScheduleName[];
  /**
   * Weighs only what gives the very weights of one chip of one core: schedules that add gradients up in the same
   * order. Default false.
   */
  readonly sameBits?: boolean;
}

/** Simplest first: of plans that are as fast, the simpler is taken. */
const simplest: readonly ScheduleName[] = [
  'sequential',
  'replicas',
  '1f1b-eager',
  'zb-h1',
  'zb-h2',
  'zb-v',
  'interleaved-1f1b',
  'dualpipe',
  'dualpipev',
  '1f1b',
  'gpipe',
];

/** What the simulation of two plans must differ by, to be more than the noise of the measurement. */
const noise = 0.03;

/**
 * Predicts every plan and chooses one.
 *
 * @throws PlanError when none fits the chips (`plan_memory`), or none can be made (`plan_none`).
 */
export function searchPlan(options: SearchOptions): Plan {
  const { memoryLimit = Number.POSITIVE_INFINITY } = options;
  const candidates = candidatesOf(options);
  if (candidates.length === 0)
    throw new PlanError(
      'plan_none',
      'None of the schedules that are allowed can be made with these chips and microbatches; allow sequential, and chips of one core.',
    );
  candidates.sort((a, b) => Number(b.fits) - Number(a.fits) || a.stepMs - b.stepMs);
  const [fastest] = candidates;
  if (!fastest?.fits) {
    const least = Math.min(...candidates.map(({ memory }) => most(memory)));
    throw new PlanError(
      'plan_memory',
      `No plan fits ${mebibytes(memoryLimit)} a chip: the smallest needs ${mebibytes(least)}; allow more, or use more chips or smaller microbatches.`,
    );
  }
  const alike = candidates.filter(({ fits, stepMs }) => fits && stepMs <= fastest.stepMs * (1 + noise));
  alike.sort(
    (a, b) =>
      simplest.indexOf(a.name) - simplest.indexOf(b.name) ||
      a.chips * a.threads - b.chips * b.threads ||
      a.stepMs - b.stepMs,
  );
  const [choice] = alike;
  const why = reasonFor(choice, candidates, memoryLimit);
  return { choice, candidates, why, reason: planSentence(why) };
}

/** Every way to spread the model that is allowed, predicted, whether it fits or not. */
export function candidatesOf(options: SearchOptions): PlanCandidate[] {
  const { memoryLimit = Number.POSITIVE_INFINITY, sameBits = false } = options;
  const compiled = new Map<string, Stage[]>();
  const candidates: PlanCandidate[] = [];
  for (const costs of options.measured) {
    if (sameBits && costs.threads > 1) continue;
    for (const shape of shapesOf(options, costs)) {
      const key = `${costs.recompute} ${shape.cuts}`;
      const stages =
        compiled.get(key) ?? compileStages(options.loss(), shape.cuts, { recompute: costs.recompute });
      compiled.set(key, stages);
      const schedule = scheduleFor(stages, shape.schedule);
      if (sameBits && !keepsOrderOfSums(schedule)) continue;
      candidates.push(predict({ ...shape, schedule, stages, costs, options, memoryLimit }));
    }
  }
  return candidates;
}

interface Shape {
  readonly name: ScheduleName;
  readonly schedule: Schedule;
  readonly cuts: readonly number[];
  readonly replicas: number;
}

/** The schedules that can be made of the model's pieces, each with cuts that even out its stages. */
function* shapesOf(options: SearchOptions, costs: ModelCosts): Generator<Shape> {
  const { schedules = simplest } = options;
  const { chips, microbatches } = costs;
  const pieces = costs.costs.length;
  const weights = [stepCosts(costs)];
  if (options.memoryLimit !== undefined) {
    // What takes the same time need not take the same memory, and where memory is short, that is what counts.
    const stages = compileStages(options.loss(), costs.ends.slice(0, -1), { recompute: costs.recompute });
    weights.push(pieceBytes(stages, costs, options.bounds(microbatches)));
  }
  const cut = (stages: number): (readonly number[])[] => {
    const cuts = weights.map((weight) => partition(weight, stages).map((piece) => costs.ends[piece]));
    return cuts.filter((one, i) => cuts.findIndex((other) => String(other) === String(one)) === i);
  };
  for (const name of schedules) {
    if (name === 'sequential') {
      yield { name, schedule: sequential({ stages: 1, microbatches }), cuts: [], replicas: 1 };
      continue;
    }
    if (name === 'replicas') {
      // More stages hand out gradients sooner; fewer execute fewer programs.
      for (const stages of [1, 2, 4]) {
        if (chips === 1 || stages > pieces || microbatches % chips !== 0) continue;
        const schedule = replicas({ replicas: chips, stages, microbatches });
        for (const cuts of cut(stages)) yield { name, schedule, cuts, replicas: chips };
      }
      continue;
    }
    for (let times = 1; times <= chips / 2; times++) {
      if (chips % times !== 0) continue;
      const parts = name === 'dualpipev' ? (2 * chips) / times : chips / times;
      const made = attempt(
        () => makeSchedule(name, { stages: parts, microbatches, replicas: times }).schedule,
      );
      if (!made || made.stages > pieces || made.chips.length > chips || chips === 1) continue;
      for (const cuts of cut(made.stages)) yield { name, schedule: made, cuts, replicas: times };
    }
  }
}

function attempt(make: () => Schedule): Schedule | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ScheduleError) return undefined;
    throw error;
  }
}

interface PredictOptions extends Shape {
  readonly stages: readonly Stage[];
  readonly costs: ModelCosts;
  readonly options: SearchOptions;
  readonly memoryLimit: number;
}

function predict(input: PredictOptions): PlanCandidate {
  const { name, schedule, cuts, replicas: times, stages, costs, options, memoryLimit } = input;
  const { optimizer, averages } = options;
  const bounds = options.bounds(costs.microbatches);
  const { ms, bubble } = predictStep({ schedule, stages, bounds }, costs);
  const memory = memoryOf({ schedule, stages, bounds, averages, optimizer });
  return {
    name,
    schedule,
    cuts,
    stages: stages.map(({ blocks }) => blocks),
    chips: schedule.chips.length,
    threads: costs.threads,
    replicas: times,
    microbatches: schedule.microbatches,
    recompute: costs.recompute,
    // The main thread prepares a step while chips are at another, so only what is longer shows.
    stepMs: Math.max(ms, costs.host),
    bubble,
    memory,
    fits: most(memory) <= memoryLimit,
  };
}

function most(memory: readonly ChipMemory[]): number {
  return Math.max(...memory.map(({ total }) => total));
}

function reasonFor(
  choice: PlanCandidate,
  candidates: readonly PlanCandidate[],
  memoryLimit: number,
): PlanReason {
  const { name: schedule, stages, threads, recompute, stepMs, bubble } = choice;
  const needed = neededOnOne(candidates);
  if (schedule !== 'sequential' && schedule !== 'replicas' && needed !== undefined && needed > memoryLimit)
    return {
      code: recompute ? 'memory_recompute' : 'memory',
      values: { schedule, stages: stages.length, limitBytes: memoryLimit, neededBytes: needed, stepMs },
    };
  const other = candidates.find((candidate) => candidate.fits && isOther(candidate, choice));
  const rival = other
    ? { schedule: other.name, chips: other.chips, threads: other.threads, stepMs: other.stepMs }
    : null;
  if (schedule === 'sequential')
    return threads === 1
      ? { code: 'one_core', values: { stepMs } }
      : { code: 'one_chip', values: { threads, stepMs }, rival };
  return schedule === 'replicas'
    ? { code: 'replicas', values: { stepMs }, rival }
    : { code: 'pipeline', values: { schedule, stepMs, bubble }, rival };
}

/** Bytes that the model needs on one chip, without recomputation where that was weighed; undefined: nobody weighed one. */
function neededOnOne(candidates: readonly PlanCandidate[]): number | undefined {
  const alone = candidates.filter(({ name }) => name === 'sequential');
  const plain = alone.filter(({ recompute }) => !recompute);
  const bytes = (plain.length > 0 ? plain : alone).map(({ memory }) => most(memory));
  return bytes.length > 0 ? Math.min(...bytes) : undefined;
}

/** Whether a candidate is another way of spreading the work than `choice`, worth naming beside it. */
function isOther(other: PlanCandidate, choice: PlanCandidate): boolean {
  if (other.chips === 1 && other.threads === 1) return false;
  const [kind, chosen] = [other, choice].map(({ name, chips }) =>
    chips === 1 ? 'one chip' : name === 'replicas' ? 'replicas' : 'pipeline',
  );
  return kind !== chosen;
}
