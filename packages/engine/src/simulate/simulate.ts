/**
 * Times a schedule under a cost model, instruction by instruction.
 *
 * Transfers are pure latency: they delay the receiver and occupy nobody. There is no barrier between steps: a
 * chip begins the next as soon as it is through with its own list.
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import { checkSchedule } from '../schedule/check.ts';
import { exchangePartners } from '../schedule/holders.ts';
import {
  type Instruction,
  passesOf,
  type Schedule,
  type TransferInstruction,
} from '../schedule/instruction.ts';
import { awaitedExchanges, channelOf, exchangeKey, walkSchedule } from '../schedule/walk.ts';
import { type Span, spanOf, type Timeline } from './timeline.ts';

/** Milliseconds, 0 or more: for all stages, for each stage, or by stage and microbatch. */
export type PassCost = number | readonly number[] | ((stage: number, microbatch: number) => number);

/** Milliseconds, 0 or more: for all stages, for each stage, or by stage. */
export type StageCost = number | readonly number[] | ((stage: number) => number);

/** How long each kind of instruction takes, in any one unit of time. */
export interface CostModel {
  forward: PassCost;
  backwardInput: PassCost;
  backwardWeight: PassCost;
  /** By default 0. */
  update?: StageCost;
  /** An overlapped pair, by the stage of its forward pass; by default F, B and W one after the other. */
  overlapped?: StageCost;
  /** Handing out the gradients of a stage that has copies. By default 0. */
  scatter?: StageCost;
  /** Taking in the other copies' shares of a stage's weights. By default 0. */
  gather?: StageCost;
  /** From the end of a send until the receiver has the tensor; by the stage that made the tensor. */
  transfer: PassCost;
}

/** How `simulate` executes a schedule. */
export interface SimulateOptions {
  /** How often the schedule is executed, 1 or more; by default once. */
  steps?: number;
  /** How many tensors a channel holds before its sender waits, 1 or more; by default there is no limit. */
  channelCapacity?: number;
}

/** A cost that isn't a time. */
export class CostModelError extends KolbenError {
  static code = 'cost_model_invalid';

  constructor(message: string) {
    super(CostModelError.code, message);
  }
}

/**
 * The timeline of `schedule` under `costs`, from 0 ms.
 *
 * @throws ScheduleError when the schedule isn't correct; CostModelError when a cost is missing or negative.
 */
export function simulate(schedule: Schedule, costs: CostModel, options: SimulateOptions = {}): Timeline {
  checkSchedule(schedule, { channelCapacity: options.channelCapacity });
  return simulateChecked(schedule, costs, options);
}

/** The same of a schedule that has been checked under these options, which takes as long as to simulate it. */
export function simulateChecked(
  schedule: Schedule,
  costs: CostModel,
  { steps = 1, channelCapacity = Number.POSITIVE_INFINITY }: SimulateOptions = {},
): Timeline {
  const freeAt = schedule.chips.map(() => 0);
  const channels = new Map<string, { arrivals: number[]; takenAt: number[] }>();
  const partners = exchangePartners(schedule);
  /** In each step, when the last copy of a stage has scattered and updated. */
  const exchangedAt = new Map<string, number[]>();
  const spans: Span[] = [];

  walkSchedule(schedule, { steps, channelCapacity }, ({ chip, step, instruction }) => {
    if (!('peer' in instruction)) {
      const awaited = awaitedExchanges(partners, instruction).map((key) => exchangedAt.get(key)![step]!);
      const start = Math.max(freeAt[chip]!, ...awaited);
      const end = start + durationOf(costs, instruction);
      freeAt[chip] = end;
      if (instruction.kind === 'scatter' || instruction.kind === 'update') {
        const key = exchangeKey(instruction);
        const ends = exchangedAt.get(key) ?? [];
        exchangedAt.set(key, ends);
        ends[step] = Math.max(ends[step] ?? 0, end);
      }
      spans.push({ chip, ...spanOf(instruction), step, start, end });
      return;
    }
    const start = freeAt[chip]!;
    const name = channelOf(schedule, chip, instruction);
    const channel = channels.get(name) ?? { arrivals: [], takenAt: [] };
    channels.set(name, channel);
    if (instruction.kind === 'send') {
      // A full channel holds the sender until the receiver has taken the tensor that is a capacity ahead.
      const roomAt = channel.takenAt[channel.arrivals.length - channelCapacity] ?? 0;
      freeAt[chip] = Math.max(start, roomAt);
      channel.arrivals.push(freeAt[chip] + transferTime(costs, instruction));
    } else {
      freeAt[chip] = Math.max(start, channel.arrivals[channel.takenAt.length]!);
      channel.takenAt.push(freeAt[chip]);
    }
  });
  spans.sort((a, b) => a.start - b.start || a.chip - b.chip);
  return { chips: schedule.chips.length, spans };
}

function durationOf(costs: CostModel, work: Exclude<Instruction, TransferInstruction>): number {
  if ('microbatch' in work) return passTime(costs[work.kind], work.kind, work.stage, work.microbatch);
  if (work.kind === 'overlapped' && costs.overlapped === undefined)
    return passesOf(work).reduce((sum, pass) => sum + durationOf(costs, pass), 0);
  const { kind } = work;
  const stage = work.kind === 'overlapped' ? work.forward.stage : work.stage;
  const cost = costs[kind] ?? 0;
  return asTime(typeof cost === 'function' ? cost(stage) : atStage(cost, stage), kind, stage);
}

function transferTime(
  costs: CostModel,
  { stage, microbatch }: { stage: number; microbatch: number },
): number {
  return passTime(costs.transfer, 'transfer', stage, microbatch);
}

function passTime(cost: PassCost, what: keyof CostModel, stage: number, microbatch: number): number {
  return asTime(typeof cost === 'function' ? cost(stage, microbatch) : atStage(cost, stage), what, stage);
}

function atStage(cost: number | readonly number[], stage: number): number | undefined {
  return typeof cost === 'number' ? cost : cost[stage];
}

function asTime(cost: number | undefined, what: keyof CostModel, stage: number): number {
  if (cost !== undefined && Number.isFinite(cost) && cost >= 0) return cost;
  throw new CostModelError(
    `The cost model gives ${cost} ms for ${what} of stage ${stage}: give a time of 0 or more milliseconds.`,
  );
}
