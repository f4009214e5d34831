/**
 * Proves that a schedule is correct, whoever made it.
 *
 * What is proved: every pass is there once and where its stage is; nothing comes before what it depends on,
 * on its chip or across chips; every tensor that is sent is received, in the same order; every stage is
 * updated once, after all its weight gradients; the chips don't wait for each other for ever; the activations
 * alive at once stay within a bound. What is not: that it is fast (that is `simulate`).
 *
 * @module
 */
import { describeInstruction } from './format.ts';
import {
  downstreamStage,
  type Instruction,
  type Payload,
  type Schedule,
  upstreamStage,
} from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError, type ScheduleErrorReason, type SchedulePlace } from './schedule-error.ts';
import { walkSchedule } from './walk.ts';

export interface CheckOptions {
  /** How many tensors a channel holds before its sender waits, 1 or more; by default there is no limit. */
  channelCapacity?: number;
  /** The most live activations a chip may hold: one number for all, or one for each. By default no limit. */
  maxActivations?: number | readonly number[];
}

export interface CheckedSchedule {
  /**
   * For each chip, the most activations alive at once. An activation is one microbatch on one stage, alive
   * from its F to its W; a chip that holds v stages counts each by itself, so divide by v to compare with
   * figures in microbatches of a whole chip.
   */
  peakActivations: number[];
}

/**
 * Proves `schedule` correct.
 *
 * @throws ScheduleError naming chip, position, instruction and what is wrong.
 */
export function checkSchedule(schedule: Schedule, options: CheckOptions = {}): CheckedSchedule {
  const { channelCapacity } = options;
  if (channelCapacity !== undefined && !(channelCapacity >= 1)) {
    throw new ScheduleError('shape', `A channel can't hold ${channelCapacity} tensors: give 1 or more.`);
  }
  checkShape(schedule);
  const places = indexInstructions(schedule);
  checkNothingMissing(schedule, places);
  checkOrder(schedule, places);
  const peakActivations = measureActivations(schedule, options.maxActivations);
  walkSchedule(schedule, { channelCapacity }, () => {});
  return { peakActivations };
}

/** Where each instruction stands, by what it does. */
type Places = Map<string, SchedulePlace>;

function fail(schedule: Schedule, reason: ScheduleErrorReason, place: SchedulePlace, problem: string): never {
  const { chip, position, instruction } = place;
  throw new ScheduleError(
    reason,
    `Schedule ${schedule.name}, chip ${chip}, instruction ${position}: the ${describeInstruction(instruction)} ${problem}.`,
    place,
  );
}

function checkShape(schedule: Schedule): void {
  const { name, stages, placement, chips } = schedule;
  requireCounts(name, schedule);
  const refuse = (problem: string): never => {
    throw new ScheduleError('shape', `Schedule ${name} ${problem}.`);
  };
  if (placement.length !== stages) {
    refuse(`places ${placement.length} stages but has ${stages}: give one chip for each stage`);
  }
  for (const [stage, chip] of placement.entries()) {
    if (chips[chip] === undefined) {
      refuse(
        `places stage ${stage} on chip ${chip} but has lists for ${chips.length} chips: add the list or move the stage`,
      );
    }
  }
}

/** Finds each instruction's place; on the way, whatever is in the wrong place or there twice. */
function indexInstructions(schedule: Schedule): Places {
  const places: Places = new Map();
  for (const [chip, instructions] of schedule.chips.entries()) {
    for (const [position, instruction] of instructions.entries()) {
      const place = { chip, position, instruction };
      checkPlace(schedule, place);
      const key = keyOf(instruction);
      const first = places.get(key);
      if (first) {
        fail(schedule, 'duplicate', place, `is already instruction ${first.position}: leave one of them out`);
      }
      places.set(key, place);
    }
  }
  return places;
}

function checkPlace(schedule: Schedule, place: SchedulePlace): void {
  const { instruction, chip } = place;
  const { stage } = instruction;
  const home = schedule.placement[stage];
  if (home === undefined) {
    fail(
      schedule,
      'shape',
      place,
      `names a stage that doesn't exist: stages run from 0 to ${schedule.stages - 1}`,
    );
  }
  if ('microbatch' in instruction) {
    const { microbatch } = instruction;
    if (!Number.isSafeInteger(microbatch) || microbatch < 0 || microbatch >= schedule.microbatches) {
      const last = schedule.microbatches - 1;
      fail(schedule, 'shape', place, `names a microbatch that doesn't exist: they run from 0 to ${last}`);
    }
  }
  if (home !== chip) {
    fail(schedule, 'misplaced', place, `belongs on chip ${home}, where its stage is: move it there`);
  }
  if (instruction.kind !== 'send' && instruction.kind !== 'receive') return;
  const peer = peerOf(schedule, instruction);
  if (peer === undefined) {
    fail(schedule, 'misplaced', place, 'has no other chip to deal with: leave it out');
  }
  if (peer !== instruction.peer) {
    fail(
      schedule,
      'misplaced',
      place,
      `must deal with chip ${peer}, where the neighbouring stage is: name that one`,
    );
  }
}

function checkNothingMissing(schedule: Schedule, places: Places): void {
  for (const instruction of neededInstructions(schedule)) {
    if (places.has(keyOf(instruction))) continue;
    const chip = schedule.placement[instruction.stage]!;
    const position = schedule.chips[chip]!.length;
    throw new ScheduleError(
      'missing',
      `Schedule ${schedule.name}, chip ${chip}: the ${describeInstruction(instruction)} is missing among its ${position} instructions: add it.`,
      { chip, position, instruction },
    );
  }
}

/** Every instruction that a complete schedule of this shape holds. */
function* neededInstructions(schedule: Schedule): Generator<Instruction> {
  for (let stage = 0; stage < schedule.stages; stage++) {
    for (let microbatch = 0; microbatch < schedule.microbatches; microbatch++) {
      for (const kind of ['forward', 'backwardInput', 'backwardWeight'] as const) {
        yield { kind, stage, microbatch };
      }
      for (const kind of ['send', 'receive'] as const) {
        for (const payload of ['activation', 'gradient'] as const) {
          const peer = peerOf(schedule, { kind, payload, stage });
          if (peer !== undefined) yield { kind, payload, stage, microbatch, peer };
        }
      }
    }
    yield { kind: 'update', stage };
  }
}

/** On each chip, nothing stands before what it depends on. Across chips, that is the walk's to find out. */
function checkOrder(schedule: Schedule, places: Places): void {
  for (const [chip, instructions] of schedule.chips.entries()) {
    for (const [position, instruction] of instructions.entries()) {
      for (const dependency of dependenciesOnChip(schedule, instruction)) {
        const other = places.get(keyOf(dependency));
        if (!other || other.chip !== chip || other.position < position) continue;
        fail(
          schedule,
          'order',
          { chip, position, instruction },
          `comes before the ${describeInstruction(dependency)}, instruction ${other.position}, on which it depends: move it behind`,
        );
      }
    }
  }
}

/** What must stand before `instruction` if it is on the same chip. */
function* dependenciesOnChip(schedule: Schedule, instruction: Instruction): Generator<Instruction> {
  const { stage } = instruction;
  const up = upstreamStage(schedule, stage);
  const down = downstreamStage(schedule, stage);
  switch (instruction.kind) {
    case 'forward': {
      const { microbatch } = instruction;
      if (up !== undefined) {
        yield { kind: 'forward', stage: up, microbatch };
        yield { kind: 'receive', payload: 'activation', stage, microbatch, peer: schedule.placement[up]! };
      }
      break;
    }
    case 'backwardInput': {
      const { microbatch } = instruction;
      yield { kind: 'forward', stage, microbatch };
      if (down !== undefined) {
        yield { kind: 'backwardInput', stage: down, microbatch };
        yield { kind: 'receive', payload: 'gradient', stage, microbatch, peer: schedule.placement[down]! };
      }
      break;
    }
    case 'backwardWeight':
      yield { kind: 'backwardInput', stage, microbatch: instruction.microbatch };
      break;
    case 'send': {
      const { payload, microbatch } = instruction;
      yield { kind: payload === 'activation' ? 'forward' : 'backwardInput', stage, microbatch };
      break;
    }
    case 'receive':
      break;
    case 'update':
    case 'allReduce':
      for (let microbatch = 0; microbatch < schedule.microbatches; microbatch++) {
        yield { kind: 'backwardWeight', stage, microbatch };
      }
      if (instruction.kind === 'update') yield { kind: 'allReduce', stage };
      break;
  }
}

function measureActivations(schedule: Schedule, bound: CheckOptions['maxActivations']): number[] {
  return schedule.chips.map((instructions, chip) => {
    const limit = (typeof bound === 'object' ? bound[chip] : bound) ?? Number.POSITIVE_INFINITY;
    let live = 0;
    let peak = 0;
    for (const [position, instruction] of instructions.entries()) {
      if (instruction.kind === 'backwardWeight') live--;
      if (instruction.kind !== 'forward') continue;
      live++;
      peak = Math.max(peak, live);
      if (live > limit) {
        fail(
          schedule,
          'memory',
          { chip, position, instruction },
          `makes ${live} activations live at once where ${limit} are allowed: choose a schedule with fewer, or fewer microbatches`,
        );
      }
    }
    return peak;
  });
}

/** The chip at the other end of a transfer, or undefined where there is no stage or it is on the same chip. */
function peerOf(
  schedule: Schedule,
  { kind, payload, stage }: { kind: 'send' | 'receive'; payload: Payload; stage: number },
): number | undefined {
  const towardsEnd = (payload === 'activation') === (kind === 'send');
  const neighbour = towardsEnd ? downstreamStage(schedule, stage) : upstreamStage(schedule, stage);
  if (neighbour === undefined) return undefined;
  const peer = schedule.placement[neighbour];
  return peer === schedule.placement[stage] ? undefined : peer;
}

function keyOf(instruction: Instruction): string {
  const what = 'payload' in instruction ? `${instruction.kind} ${instruction.payload}` : instruction.kind;
  return `${what} ${instruction.stage} ${'microbatch' in instruction ? instruction.microbatch : ''}`;
}
