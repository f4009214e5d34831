/**
 * Chooses how a model is trained over chips: cuts, schedule, microbatches, recomputation.
 *
 * Everything that is measured comes in; what is here is search, so that it can be tested without chips.
 *
 * @module
 */

import type { Port } from '../compile/program.ts';
import { compileStages, type Stage } from '../compile/stages.ts';
import { bytesPerElement } from '../graph/dtype.ts';
import type { Value } from '../graph/graph.ts';
import { evaluateDim } from '../graph/shape.ts';
import { type ChipMemory, mebibytes, memoryOf } from '../run/memory.ts';
import type { OptimizerOptions } from '../run/optimizer.ts';
import { scheduleFor } from '../run/schedule-for.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { replicas } from '../schedule/replicas.ts';
import { ScheduleError } from '../schedule/schedule-error.ts';
import { makeSchedule, type ScheduleName } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { type CostModel, simulate } from '../simulate/simulate.ts';
import { chipUse, timeWindow } from '../simulate/timeline.ts';
import { handedOut } from './handed-out.ts';
import { type MeasureModelOptions, type ModelCosts, measureModel, type PieceCost } from './measure.ts';
import { partition } from './partition.ts';
import { PlanError } from './plan-error.ts';

/** One way to spread a model over chips, with what it is predicted to take. */
export interface PlanCandidate {
  /** As in the registry of schedules, or `replicas`. */
  readonly name: ScheduleName;
  readonly schedule: Schedule;
  readonly cuts: readonly number[];
  /** Names of the blocks of each stage. */
  readonly stages: readonly (readonly string[])[];
  readonly chips: number;
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
  /** One sentence. */
  readonly reason: string;
}

/** What `searchPlan` chooses from. */
export interface SearchOptions {
  /** The model, built anew for each call: a graph is compiled once. */
  readonly loss: () => Value;
  /** One for each number of microbatches that a step may be divided into. */
  readonly measured: readonly ModelCosts[];
  readonly chips: number;
  /** The largest extents of a microbatch, by how many of them a step has. */
  readonly bounds: (microbatches: number) => Readonly<Record<string, number>>;
  readonly optimizer: OptimizerOptions;
  readonly averages: boolean;
  /** Bytes that each chip may use. Default: no limit. */
  readonly memoryLimit?: number;
  /** Schedules that may be chosen. Default: all that can win. */
  readonly schedules?: readonly ScheduleName[];
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
 * @throws PlanError (`plan_memory`) when none fits the chips.
 */
export function searchPlan(options: SearchOptions): Plan {
  const { memoryLimit = Number.POSITIVE_INFINITY } = options;
  const compiled = new Map<string, Stage[]>();
  const candidates: PlanCandidate[] = [];
  for (const recompute of [false, true]) {
    for (const costs of options.measured) {
      for (const shape of shapesOf(options, costs)) {
        const key = `${recompute} ${shape.cuts}`;
        const stages = compiled.get(key) ?? compileStages(options.loss(), shape.cuts, { recompute });
        compiled.set(key, stages);
        const schedule = scheduleFor(stages, shape.schedule);
        candidates.push(predict({ ...shape, schedule, stages, costs, recompute, options, memoryLimit }));
      }
    }
    // To compute twice is for those who have no memory otherwise.
    if (candidates.some(({ fits }) => fits)) break;
  }
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
    (a, b) => simplest.indexOf(a.name) - simplest.indexOf(b.name) || a.chips - b.chips || a.stepMs - b.stepMs,
  );
  const [choice] = alike;
  return { choice, candidates, reason: reasonFor(choice, candidates, memoryLimit) };
}

/** Measures the model on the chips, then searches. `microbatches` has a maker for each number of microbatches. */
export async function plan({
  microbatches,
  ...options
}: Omit<SearchOptions, 'measured' | 'chips'> &
  Omit<MeasureModelOptions, 'microbatches' | 'bounds'> & {
    readonly microbatches: Readonly<Record<number, MeasureModelOptions['microbatches']>>;
  }): Promise<Plan & { readonly measured: readonly ModelCosts[] }> {
  const measured: ModelCosts[] = [];
  for (const [count, make] of Object.entries(microbatches))
    measured.push(
      await measureModel({ ...options, bounds: options.bounds(Number(count)), microbatches: make }),
    );
  return { ...searchPlan({ ...options, measured, chips: options.chips.length }), measured };
}

interface Shape {
  readonly name: ScheduleName;
  readonly schedule: Schedule;
  readonly cuts: readonly number[];
  readonly replicas: number;
}

/** The schedules that can be made of the model's pieces, each with the cuts that even out its stages. */
function* shapesOf(options: SearchOptions, costs: ModelCosts): Generator<Shape> {
  const { chips, schedules = simplest } = options;
  const pieces = costs.costs.length;
  const totals = costs.costs.map(
    ({ forward, backwardInput, backwardWeight, update }) =>
      costs.microbatches * (forward + backwardInput + backwardWeight) + update,
  );
  const cutsFor = (stages: number) => {
    const chosen = partition(totals, stages);
    return chosen.map((piece) => costs.ends[piece]);
  };
  const { microbatches } = costs;
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
        yield { name, schedule, cuts: cutsFor(stages), replicas: chips };
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
      yield { name, schedule: made, cuts: cutsFor(made.stages), replicas: times };
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
  readonly recompute: boolean;
  readonly options: SearchOptions;
  readonly memoryLimit: number;
}

function predict(input: PredictOptions): PlanCandidate {
  const { name, schedule, cuts, replicas: times, stages, costs, recompute, options, memoryLimit } = input;
  const { optimizer, averages } = options;
  const bounds = options.bounds(costs.microbatches);
  const model = costModel({ schedule, stages, costs, recompute, bounds });
  const warm = 2;
  const steps = warm + 3;
  const timeline = simulate(schedule, model, { steps });
  const beginOf = (step: number) =>
    Math.min(...timeline.spans.filter((span) => span.step === step).map(({ start }) => start));
  const window = { start: beginOf(warm), end: beginOf(steps - 1) };
  const use = chipUse(timeline, window.end > window.start ? window : timeWindow(timeline));
  const memory = memoryOf({ schedule, stages, bounds, averages, optimizer });
  return {
    name,
    schedule,
    cuts,
    stages: stages.map(({ blocks }) => blocks),
    chips: schedule.chips.length,
    replicas: times,
    microbatches: schedule.microbatches,
    recompute,
    // The main thread prepares a step while chips are at another, so only what is longer shows.
    stepMs: Math.max((window.end - window.start) / (steps - 1 - warm), costs.host),
    bubble: use.reduce((sum, { idle }) => sum + idle, 0) / (use.length * (window.end - window.start)),
    memory,
    fits: most(memory) <= memoryLimit,
  };
}

/** The costs of each stage from those of its pieces, and of what passes between chips. */
function costModel({
  schedule,
  stages,
  costs,
  recompute,
  bounds,
}: Pick<PredictOptions, 'schedule' | 'stages' | 'costs' | 'recompute'> & {
  bounds: Readonly<Record<string, number>>;
}): CostModel {
  const copies = schedule.placement.length;
  const handed = handedOut(stages, schedule);
  let next = 0;
  const perStage = stages.map((stage, index) => {
    const from = next;
    for (let blocks = 0; blocks < stage.blocks.length; next++) blocks += costs.pieces[next].length;
    const members = costs.costs.slice(from, next);
    const sum = (kind: keyof PieceCost) =>
      members.reduce((total, cost) => total + cost[kind], 0) - (members.length - 1) * costs.perProgram[kind];
    const copyOf = (ports: readonly Port[]) => costs.perByte * bytesOf(ports, bounds);
    const exchanged = 4 * handed[index] * costs.perByte;
    const forward = sum('forward');
    return {
      forward: forward + copyOf(stage.receives) + copyOf(stage.sends),
      backwardInput:
        sum('backwardInput') +
        copyOf(stage.receivesGradients) +
        copyOf(stage.sendsGradients) +
        (recompute ? forward : 0),
      backwardWeight: sum('backwardWeight'),
      // Everybody moves a share, after adding up the others' gradients for it.
      update: sum('update') / copies + 2 * exchanged,
      scatter: exchanged,
      gather: exchanged,
    };
  });
  const by = (kind: keyof (typeof perStage)[number]) => perStage.map((stage) => Math.max(0, stage[kind]));
  return {
    forward: by('forward'),
    backwardInput: by('backwardInput'),
    backwardWeight: by('backwardWeight'),
    update: by('update'),
    scatter: by('scatter'),
    gather: by('gather'),
    transfer: costs.wake,
  };
}

function bytesOf(ports: readonly Port[], bounds: Readonly<Record<string, number>>): number {
  return ports.reduce(
    (sum, { shape, dtype }) =>
      sum +
      shape.reduce<number>((product, dim) => product * evaluateDim(dim, bounds), bytesPerElement[dtype]),
    0,
  );
}

function most(memory: readonly ChipMemory[]): number {
  return Math.max(...memory.map(({ total }) => total));
}

function reasonFor(choice: PlanCandidate, candidates: readonly PlanCandidate[], limit: number): string {
  const alone = candidates.filter(({ name, recompute }) => name === 'sequential' && !recompute);
  const onOne = Math.min(...alone.map(({ memory }) => most(memory)));
  const time = `${choice.stepMs.toFixed(choice.stepMs < 10 ? 2 : 1)} ms a step`;
  if (choice.name !== 'sequential' && choice.name !== 'replicas' && onOne > limit)
    return `A chip may use ${mebibytes(limit)} and the model needs ${mebibytes(onOne)} on one, so it is cut into ${choice.stages.length} stages; ${choice.name}${choice.recompute ? ' with recomputation' : ''} is the fastest that fits, ${time}.`;
  if (choice.name === 'sequential')
    return `One chip is as fast as any other way, ${time}: there is too little work for several, or only one.`;
  const rival = candidates.find(
    ({ name, fits }) =>
      fits &&
      name !== choice.name &&
      (name === 'replicas' || choice.name === 'replicas') &&
      name !== 'sequential',
  );
  const beside = rival
    ? `; ${rival.name} would take ${rival.stepMs.toFixed(rival.stepMs < 10 ? 2 : 1)} ms`
    : '';
  return choice.name === 'replicas'
    ? `Everything fits on every chip, so each works on its own microbatches and exchanges gradients: ${time}${beside}.`
    : `The stages of ${choice.name} come out evenly enough to be fastest, ${time}, ${(100 * choice.bubble).toFixed(1)} % of it waiting${beside}.`;
}
