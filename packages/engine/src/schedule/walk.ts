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
import { isExchanged, sharersOf } from './holders.ts';
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
  const channels = new Map<string, TransferInstruction[]>();
  const cursors = schedule.chips.map(() => ({ position: 0, step: 0 }));
  /** How often each copy of a stage has scattered and updated. */
  const exchanged = new Map<string, number>();

  /** Whether the instruction can be executed now; if so, its tensor enters or leaves the channel. */
  const pass = (chip: number, position: number, step: number, instruction: Instruction): boolean => {
    const awaited = awaitedOf(schedule, instruction);
    if (awaited.some((one) => (exchanged.get(exchangeKey(one)) ?? 0) <= step)) return false;
    if (instruction.kind === 'scatter' || instruction.kind === 'update')
      exchanged.set(exchangeKey(instruction), step + 1);
    if (instruction.kind !== 'send' && instruction.kind !== 'receive') return true;
    const name = channelOf(schedule, chip, instruction);
    const queue = channels.get(name) ?? [];
    channels.set(name, queue);
    if (instruction.kind === 'send') {
      if (queue.length >= channelCapacity) return false;
      queue.push(instruction);
      return true;
    }
    const head = queue[0];
    if (head === undefined) return false;
    if (head.stage !== senderStage(schedule, instruction) || head.microbatch !== instruction.microbatch) {
      throw new ScheduleError(
        'mismatch',
        `Schedule ${schedule.name}, chip ${chip}, instruction ${position}: the ${describeInstruction(instruction)} meets the ${describeInstruction(head)}; put receives in the order of their sends.`,
        { chip, position, instruction },
      );
    }
    queue.shift();
    return true;
  };

  let moved = true;
  while (moved) {
    moved = false;
    for (const [chip, instructions] of schedule.chips.entries()) {
      const cursor = cursors[chip]!;
      while (cursor.step < steps && instructions.length > 0) {
        const { position, step } = cursor;
        const instruction = instructions[position]!;
        if (!pass(chip, position, step, instruction)) break;
        visit({ chip, position, step, instruction });
        moved = true;
        cursor.position = (position + 1) % instructions.length;
        if (cursor.position === 0) cursor.step++;
      }
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
  const kind = instruction.kind === 'update' ? 'scatter' : 'update';
  // A sharer that exchanges nothing itself is on this very chip, and its gradients are there already.
  return sharersOf(schedule, stage)
    .filter((one) => isExchanged(schedule, one.stage) && (one.stage !== stage || one.copy !== copy))
    .map((one) => ({ kind, ...one }));
}

/** Names a part of an exchange. */
export function exchangeKey({ kind, stage, copy }: StageInstruction): string {
  return `${kind} ${stage} ${copy}`;
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
