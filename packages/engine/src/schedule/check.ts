/**
 * Proves that a schedule is correct, whoever made it.
 *
 * What is proved: every pass is there once and where its stage is; nothing comes before what it depends on,
 * on its chip or across chips; every tensor that is sent is received, in the same order; every stage is updated
 * once, after all weight gradients of its parameters, whichever copies and stages make them; the chips don't wait
 * for each other for ever; the activations alive at once stay within a bound. What is not: that it is fast (that is
 * `simulate`), and that its stages share the parameters that it says (that is for `train` to see to).
 *
 * @module
 */
import { describeInstruction } from './format.ts';
import { exchangePartners, isExchanged, sharersOf } from './holders.ts';
import {
  chipOf,
  downstreamStage,
  type Instruction,
  type OverlappedInstruction,
  type Payload,
  passesOf,
  type Schedule,
  type StageCopy,
  upstreamStage,
} from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError, type ScheduleErrorReason, type SchedulePlace } from './schedule-error.ts';
import { walkSchedule } from './walk.ts';

/** Bounds that `checkSchedule` holds a schedule to. */
export interface CheckOptions {
  /** How many tensors a channel holds before its sender waits, 1 or more; by default there is no limit. */
  channelCapacity?: number;
  /** The most live activations a chip may hold: one number for all, or one for each. By default no limit. */
  maxActivations?: number | readonly number[];
}

/** What `checkSchedule` found out of a correct schedule. */
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

/** An instruction, or one of the passes of an overlapped pair. */
type Atom = Exclude<Instruction, OverlappedInstruction>;

interface AtomPlace {
  chip: number;
  position: number;
  /** The instruction at that position: the atom itself, or the pair that it is a part of. */
  instruction: Instruction;
  atom: Atom;
  /** Rises along the chip's list, within pairs too. */
  rank: number;
}

/** Where each atom stands, by what it does. */
type Places = Map<string, AtomPlace>;

function atomsOf(instruction: Instruction): Atom[] {
  return instruction.kind === 'overlapped' ? (passesOf(instruction) as Atom[]) : [instruction];
}

function fail(
  schedule: Schedule,
  reason: ScheduleErrorReason,
  place: SchedulePlace & { atom?: Atom },
  problem: string,
): never {
  const { chip, position, instruction, atom = instruction } = place;
  throw new ScheduleError(
    reason,
    `Schedule ${schedule.name}, chip ${chip}, instruction ${position}: the ${describeInstruction(atom)} ${problem}.`,
    { chip, position, instruction },
  );
}

function checkShape(schedule: Schedule): void {
  const { name, stages, microbatches, placement, copyOf, shared, chips } = schedule;
  requireCounts(name, { stages, microbatches });
  const refuse = (problem: string): never => {
    throw new ScheduleError('shape', `Schedule ${name} ${problem}.`);
  };
  if (placement.length === 0) refuse('places no copy of its stages: give a chip for each stage');
  for (const [copy, homes] of placement.entries()) {
    if (homes.length !== stages)
      refuse(`places ${homes.length} stages in copy ${copy} but has ${stages}: give one chip for each stage`);
    for (const [stage, chip] of homes.entries()) {
      if (chips[chip] === undefined)
        refuse(
          `places stage ${stage} on chip ${chip} but has lists for ${chips.length} chips: add the list or move the stage`,
        );
      if (placement.slice(0, copy).some((other) => other[stage] === chip))
        refuse(`places two copies of stage ${stage} on chip ${chip}: give each copy a chip of its own`);
    }
  }
  for (const stage of shared.flat()) {
    if (placement[0]?.[stage] === undefined)
      refuse(`shares parameters with stage ${stage} but has ${stages} stages: name one of them`);
  }
  if (copyOf.length !== microbatches)
    refuse(`says for ${copyOf.length} microbatches which copy they run through but has ${microbatches}`);
  for (const [microbatch, copy] of copyOf.entries()) {
    if (placement[copy] === undefined)
      refuse(
        `sends microbatch ${microbatch} through copy ${copy} but has ${placement.length}: name one of them`,
      );
  }
}

/** Finds each atom's place; on the way, whatever is in the wrong place or there twice. */
function indexInstructions(schedule: Schedule): Places {
  const places: Places = new Map();
  for (const [chip, instructions] of schedule.chips.entries()) {
    let rank = 0;
    for (const [position, instruction] of instructions.entries()) {
      for (const atom of atomsOf(instruction)) {
        const place: AtomPlace = { chip, position, instruction, atom, rank: rank++ };
        checkPlace(schedule, place);
        const key = keyOf(atom);
        const first = places.get(key);
        if (first) {
          fail(
            schedule,
            'duplicate',
            place,
            `is already instruction ${first.position}: leave one of them out`,
          );
        }
        places.set(key, place);
      }
    }
  }
  return places;
}

function checkPlace(schedule: Schedule, place: AtomPlace): void {
  const { atom, chip } = place;
  const { stage } = atom;
  if (!Number.isSafeInteger(stage) || stage < 0 || stage >= schedule.stages) {
    const last = schedule.stages - 1;
    fail(schedule, 'shape', place, `names a stage that doesn't exist: stages run from 0 to ${last}`);
  }
  if ('microbatch' in atom) {
    const { microbatch } = atom;
    if (!Number.isSafeInteger(microbatch) || microbatch < 0 || microbatch >= schedule.microbatches) {
      const last = schedule.microbatches - 1;
      fail(schedule, 'shape', place, `names a microbatch that doesn't exist: they run from 0 to ${last}`);
    }
  } else if (schedule.placement[atom.copy] === undefined) {
    const last = schedule.placement.length - 1;
    fail(schedule, 'shape', place, `names a copy that doesn't exist: they run from 0 to ${last}`);
  }
  const home = homeOf(schedule, atom);
  if (home !== chip) {
    fail(schedule, 'misplaced', place, `belongs on chip ${home}, where its stage is: move it there`);
  }
  if (atom.kind !== 'send' && atom.kind !== 'receive') return;
  const peer = peerOf(schedule, atom);
  if (peer === undefined) {
    fail(schedule, 'misplaced', place, 'has no other chip to deal with: leave it out');
  }
  if (peer !== atom.peer) {
    fail(
      schedule,
      'misplaced',
      place,
      `must deal with chip ${peer}, where the neighbouring stage is: name that one`,
    );
  }
}

/** The chip on which an atom belongs. */
function homeOf(schedule: Schedule, atom: Atom): number | undefined {
  return 'microbatch' in atom
    ? chipOf(schedule, atom.stage, atom.microbatch)
    : schedule.placement[atom.copy]?.[atom.stage];
}

function checkNothingMissing(schedule: Schedule, places: Places): void {
  for (const instruction of neededInstructions(schedule)) {
    if (places.has(keyOf(instruction))) continue;
    const chip = homeOf(schedule, instruction)!;
    const position = schedule.chips[chip]!.length;
    throw new ScheduleError(
      'missing',
      `Schedule ${schedule.name}, chip ${chip}: the ${describeInstruction(instruction)} is missing among its ${position} instructions: add it.`,
      { chip, position, instruction },
    );
  }
}

/** Every instruction that a complete schedule of this shape holds. */
function* neededInstructions(schedule: Schedule): Generator<Atom> {
  const copies = schedule.placement.length;
  for (let stage = 0; stage < schedule.stages; stage++) {
    for (let microbatch = 0; microbatch < schedule.microbatches; microbatch++) {
      for (const kind of ['forward', 'backwardInput', 'backwardWeight'] as const) {
        yield { kind, stage, microbatch };
      }
      for (const kind of ['send', 'receive'] as const) {
        for (const payload of ['activation', 'gradient'] as const) {
          const peer = peerOf(schedule, { kind, payload, stage, microbatch });
          if (peer !== undefined) yield { kind, payload, stage, microbatch, peer };
        }
      }
    }
    const exchanged = isExchanged(schedule, stage);
    for (let copy = 0; copy < copies; copy++) {
      if (exchanged) yield { kind: 'scatter', stage, copy };
      yield { kind: 'update', stage, copy };
      if (exchanged) yield { kind: 'gather', stage, copy };
    }
  }
}

/** On each chip, nothing stands before what it depends on. Across chips, that is the walk's to find out. */
function checkOrder(schedule: Schedule, places: Places): void {
  const lookup = lookupOf(schedule, places);
  for (const place of places.values()) {
    for (const dependency of dependenciesOnChip(schedule, place, lookup)) {
      const other = places.get(keyOf(dependency));
      if (!other || other.chip !== place.chip || other.rank < place.rank) continue;
      fail(
        schedule,
        'order',
        place,
        `comes before the ${describeInstruction(dependency)}, instruction ${other.position}, on which it depends: move it behind`,
      );
    }
  }
}

/** What is asked again and again, and takes long to find in a schedule of many copies. */
interface Lookup {
  /** The microbatches that run through each copy. */
  microbatches: number[][];
  /** For each stage, those that have a parameter in common with it, itself included. */
  sharers: number[][];
  /** For each chip, the copies of each stage that it holds. */
  held: Map<number, number[]>[];
  /** For each chip, what it holds and exchanges. */
  exchanged: StageCopy[][];
  /** For each chip, the rank of its last scatter and of its last update of what is exchanged. */
  last: { scatter: number; update: number }[];
}

function lookupOf(schedule: Schedule, places: Places): Lookup {
  const microbatches: number[][] = schedule.placement.map(() => []);
  for (const [microbatch, copy] of schedule.copyOf.entries()) microbatches[copy]!.push(microbatch);
  const partners = exchangePartners(schedule);
  const held = schedule.chips.map(() => new Map<number, number[]>());
  const exchanged: StageCopy[][] = schedule.chips.map(() => []);
  const sharers: number[][] = [];
  for (let stage = 0; stage < schedule.stages; stage++) {
    sharers.push([...new Set(sharersOf(schedule, stage).map((one) => one.stage))]);
    for (const [copy, chips] of schedule.placement.entries()) {
      const chip = chips[stage]!;
      held[chip]!.set(stage, [...(held[chip]!.get(stage) ?? []), copy]);
      if (partners[stage]!.length > 0) exchanged[chip]!.push({ stage, copy });
    }
  }
  const last = exchanged.map((own) => {
    const lastOf = (kind: 'scatter' | 'update') =>
      own.reduce((rank, one) => Math.max(rank, places.get(keyOf({ kind, ...one }))?.rank ?? 0), 0);
    return { scatter: lastOf('scatter'), update: lastOf('update') };
  });
  return { microbatches, sharers, held, exchanged, last };
}

/** What must stand before the instruction at `place` if it is on the same chip. */
function* dependenciesOnChip(
  schedule: Schedule,
  { atom: instruction, chip, rank }: AtomPlace,
  { microbatches, sharers, held, exchanged, last }: Lookup,
): Generator<Atom> {
  const { stage } = instruction;
  const up = upstreamStage(schedule, stage);
  const down = downstreamStage(schedule, stage);
  switch (instruction.kind) {
    case 'forward': {
      const { microbatch } = instruction;
      if (up !== undefined) {
        yield { kind: 'forward', stage: up, microbatch };
        yield { kind: 'receive', payload: 'activation', stage, microbatch, peer: 0 };
      }
      break;
    }
    case 'backwardInput': {
      const { microbatch } = instruction;
      yield { kind: 'forward', stage, microbatch };
      if (down !== undefined) {
        yield { kind: 'backwardInput', stage: down, microbatch };
        yield { kind: 'receive', payload: 'gradient', stage, microbatch, peer: 0 };
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
    case 'scatter':
      yield* weightGradients(instruction, microbatches);
      break;
    case 'update':
      for (const sharer of sharers[stage]!)
        for (const copy of held[chip]!.get(sharer) ?? [])
          yield* weightGradients({ stage: sharer, copy }, microbatches);
      // A chip that waited in an update before it has handed out all its gradients could be waited for itself.
      if (rank < last[chip]!.scatter && exchanged[chip]!.some((own) => own.stage === stage))
        yield* exchanged[chip]!.map((own): Atom => ({ kind: 'scatter', ...own }));
      break;
    case 'gather':
      if (rank < last[chip]!.update) yield* exchanged[chip]!.map((own): Atom => ({ kind: 'update', ...own }));
      break;
  }
}

/** The weight gradients that a copy of a stage makes. */
function* weightGradients(
  { stage, copy }: StageCopy,
  microbatches: readonly (readonly number[])[],
): Generator<Atom> {
  for (const microbatch of microbatches[copy]!) yield { kind: 'backwardWeight', stage, microbatch };
}

function measureActivations(schedule: Schedule, bound: CheckOptions['maxActivations']): number[] {
  return schedule.chips.map((instructions, chip) => {
    const limit = (typeof bound === 'object' ? bound[chip] : bound) ?? Number.POSITIVE_INFINITY;
    let live = 0;
    let peak = 0;
    for (const [position, instruction] of instructions.entries()) {
      const passes = passesOf(instruction);
      // Of an overlapped pair, both activations are alive at once.
      if (passes.some(({ kind }) => kind === 'forward')) live++;
      peak = Math.max(peak, live);
      if (live > limit) {
        fail(
          schedule,
          'memory',
          { chip, position, instruction },
          `makes ${live} activations live at once where ${limit} are allowed: choose a schedule with fewer, or fewer microbatches`,
        );
      }
      if (passes.some(({ kind }) => kind === 'backwardWeight')) live--;
    }
    return peak;
  });
}

/** The chip at the other end of a transfer, or undefined where there is no stage or it is on the same chip. */
function peerOf(
  schedule: Schedule,
  transfer: { kind: 'send' | 'receive'; payload: Payload; stage: number; microbatch: number },
): number | undefined {
  const { kind, payload, stage, microbatch } = transfer;
  const towardsEnd = (payload === 'activation') === (kind === 'send');
  const neighbour = towardsEnd ? downstreamStage(schedule, stage) : upstreamStage(schedule, stage);
  if (neighbour === undefined) return undefined;
  const peer = chipOf(schedule, neighbour, microbatch);
  return peer === chipOf(schedule, stage, microbatch) ? undefined : peer;
}

function keyOf(atom: Atom): string {
  const what = 'payload' in atom ? `${atom.kind} ${atom.payload}` : atom.kind;
  return `${what} ${atom.stage} ${'microbatch' in atom ? atom.microbatch : `of copy ${atom.copy}`}`;
}
