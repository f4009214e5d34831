/**
 * Executes a schedule abstractly: in an order in which real chips could, without times and without tensors.
 *
 * The checker uses it to find deadlocks, the simulator to give each instruction its time. Which chip goes
 * first when several could doesn't matter: channels are first in, first out, with one sender and one receiver
 * each, so all orders end alike (Kahn, 1974).
 *
 * @module
 */
import { describeInstruction } from './format.ts';
import { exchangePartners, isExchanged, sharersOf } from './holders.ts';
import {
  downstreamStage,
  type Instruction,
  type Schedule,
  type StageInstruction,
  type TransferInstruction,
  upstreamStage,
} from './instruction.ts';
import { ScheduleError } from './schedule-error.ts';

export interface WalkOptions {
  /** How many tensors a channel holds before its sender waits, 1 or more; by default there is no limit. */
  channelCapacity?: number;
  /** How often the schedule is executed; a chip begins again as soon as it is through. By default once. */
  steps?: number;
}

/** An instruction whose turn has come. */
export interface Visit {
  chip: number;
  position: number;
  step: number;
  instruction: Instruction;
}

/**
 * Calls `visit` for every instruction, each after all that it depends on.
 *
 * @throws ScheduleError `mismatch` when a receive meets another tensor than its own, `deadlock` when chips wait
 * for each other.
 */
export function walkSchedule(schedule: Schedule, options: WalkOptions, visit: (visit: Visit) => void): void {
  const { channelCapacity = Number.POSITIVE_INFINITY, steps = 1 } = options;
  /** What each channel was given, and how much of it has been taken: to shift long queues would take long. */
  const channels = new Map<string, { sent: TransferInstruction[]; taken: number }>();
  const cursors = schedule.chips.map(() => ({ position: 0, step: 0 }));
  const partners = exchangePartners(schedule);
  const copies = schedule.placement.length;
  /** In each step, how many copies of a stage have scattered and updated. */
  const exchanged = new Map<string, number[]>();
  /** Chips that may be able to go on: something has happened since they last tried. Each is there once. */
  const awake = schedule.chips.map((_, chip) => chip);
  const isAwake = schedule.chips.map(() => true);
  const wake = (chip: number): void => {
    if (isAwake[chip]) return;
    isAwake[chip] = true;
    awake.push(chip);
  };

  /** Whether the instruction can be executed now; if so, its tensor enters or leaves the channel. */
  const pass = (chip: number, position: number, step: number, instruction: Instruction): boolean => {
    if (awaitedExchanges(partners, instruction).some((key) => (exchanged.get(key)?.[step] ?? 0) < copies))
      return false;
    if (isExchange(instruction) && partners[instruction.stage]!.length > 0) {
      const key = exchangeKey(instruction);
      const done = exchanged.get(key) ?? [];
      exchanged.set(key, done);
      done[step] = (done[step] ?? 0) + 1;
      if (done[step] === copies) {
        for (const stage of partners[instruction.stage]!)
          for (const chips of schedule.placement) wake(chips[stage]!);
      }
    }
    if (instruction.kind !== 'send' && instruction.kind !== 'receive') return true;
    const name = channelOf(schedule, chip, instruction);
    const channel = channels.get(name) ?? { sent: [], taken: 0 };
    channels.set(name, channel);
    if (instruction.kind === 'send') {
      if (channel.sent.length - channel.taken >= channelCapacity) return false;
      channel.sent.push(instruction);
      wake(instruction.peer);
      return true;
    }
    const head = channel.sent[channel.taken];
    if (head === undefined) return false;
    if (head.stage !== senderStage(schedule, instruction) || head.microbatch !== instruction.microbatch) {
      throw new ScheduleError(
        'mismatch',
        `Schedule ${schedule.name}, chip ${chip}, instruction ${position}: the ${describeInstruction(instruction)} meets the ${describeInstruction(head)}; put receives in the order of their sends.`,
        { chip, position, instruction },
      );
    }
    channel.taken++;
    wake(instruction.peer);
    return true;
  };

  // The list grows while it is walked.
  for (const chip of awake) {
    isAwake[chip] = false;
    const instructions = schedule.chips[chip]!;
    const cursor = cursors[chip]!;
    while (cursor.step < steps && instructions.length > 0) {
      const { position, step } = cursor;
      const instruction = instructions[position]!;
      if (!pass(chip, position, step, instruction)) break;
      visit({ chip, position, step, instruction });
      cursor.position = (position + 1) % instructions.length;
      if (cursor.position === 0) cursor.step++;
    }
  }

  const waiting = cursors.flatMap(({ position, step }, chip) => {
    const instruction = schedule.chips[chip]![position];
    return step < steps && instruction ? [{ chip, position, instruction }] : [];
  });
  if (waiting.length === 0) return;
  const list = waiting.map(
    ({ chip, position, instruction }) =>
      `chip ${chip} at instruction ${position} with the ${describeInstruction(instruction)}`,
  );
  const capacity = Number.isFinite(channelCapacity) ? ` when a channel holds ${channelCapacity}` : '';
  const remedy = Number.isFinite(channelCapacity) ? ', or give the channels more room' : '';
  throw new ScheduleError(
    'deadlock',
    `Schedule ${schedule.name} stands still${capacity}, waiting are ${list.join(', ')}: move their sends ahead of the receives that depend on them${remedy}.`,
    waiting[0],
  );
}

/** What others that hold the stage's parameters must have done in the same step before an instruction is executed. */
export function awaitedOf(
  schedule: Pick<Schedule, 'placement' | 'shared'>,
  instruction: Instruction,
): StageInstruction[] {
  if (instruction.kind !== 'update' && instruction.kind !== 'gather') return [];
  const { stage, copy } = instruction;
  if (!isExchanged(schedule, stage)) return [];
  const kind = awaitedKind(instruction.kind);
  // A sharer that exchanges nothing itself is on this very chip, and its gradients are there already.
  return sharersOf(schedule, stage)
    .filter((one) => isExchanged(schedule, one.stage) && (one.stage !== stage || one.copy !== copy))
    .map((one) => ({ kind, ...one }));
}

function isExchange(instruction: Instruction): instruction is StageInstruction {
  return instruction.kind === 'scatter' || instruction.kind === 'update';
}

/** Names what all copies of a stage do. */
export function exchangeKey({ kind, stage }: Pick<StageInstruction, 'kind' | 'stage'>): string {
  return `${kind} ${stage}`;
}

/**
 * What all copies must have done in the same step before an instruction is executed, by name. In a schedule that has
 * been checked, the chip's own part comes before anyway.
 *
 * @param partners see `exchangePartners`
 */
export function awaitedExchanges(
  partners: readonly (readonly number[])[],
  instruction: Instruction,
): string[] {
  if (instruction.kind !== 'update' && instruction.kind !== 'gather') return [];
  const kind = awaitedKind(instruction.kind);
  return partners[instruction.stage]!.map((stage) => exchangeKey({ kind, stage }));
}

function awaitedKind(kind: 'update' | 'gather'): 'scatter' | 'update' {
  return kind === 'update' ? 'scatter' : 'update';
}

/** The stage that made the tensor which `receive` waits for. */
export function senderStage(
  schedule: Pick<Schedule, 'stages'>,
  receive: TransferInstruction,
): number | undefined {
  return receive.payload === 'activation'
    ? upstreamStage(schedule, receive.stage)
    : downstreamStage(schedule, receive.stage);
}

/** The name of the channel that a transfer of `chip` uses: the same for a send and its receive. */
export function channelOf(
  schedule: Pick<Schedule, 'stages'>,
  chip: number,
  transfer: TransferInstruction,
): string {
  const { kind, payload, peer, stage } = transfer;
  const [from, to] = kind === 'send' ? [chip, peer] : [peer, chip];
  return `${payload} ${from}>${to} of stage ${kind === 'send' ? stage : senderStage(schedule, transfer)}`;
}
