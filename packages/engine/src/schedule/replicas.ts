/**
 * Copies of a whole schedule that work on different microbatches and exchange their gradients: data parallelism.
 *
 * @module
 */
import type { Instruction, Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError } from './schedule-error.ts';
import { sequential } from './sequential.ts';
import { withExchanges } from './with-exchanges.ts';

/** The counts that `replicas` is made of. */
export interface ReplicasOptions {
  /** R; 1 or more, one chip for each. */
  replicas: number;
  /**
   * Pieces of the model, all of them on every chip; 1 or more. The gradients of a piece are handed out while the
   * pieces before it still go backward.
   */
  stages: number;
  /** m: a multiple of the replicas. */
  microbatches: number;
}

/**
 * Every chip holds the whole model and takes every R-th microbatch. Nobody waits for activations; at the end of a
 * step each waits for the slowest.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more, or the replicas don't divide the
 * microbatches.
 */
export function replicas({ replicas, stages, microbatches }: ReplicasOptions): Schedule {
  requireCounts('replicas', { replicas, stages, microbatches });
  requireDivisible('replicas', replicas, microbatches);
  return {
    ...replicated(sequential({ stages, microbatches: microbatches / replicas }), replicas),
    name: 'replicas',
  };
}

/**
 * `schedule` as often as there are replicas, each on chips of its own and with microbatches of its own: replica r
 * has chips r·c to r·c + c − 1, and its n-th microbatch is number n·R + r of the step.
 *
 * @throws ScheduleError (`shape`) when the number of replicas isn't a whole number of 1 or more.
 */
export function replicated(schedule: Schedule, replicas: number): Schedule {
  requireCounts(schedule.name, { replicas });
  if (replicas === 1) return schedule;
  const { stages, placement, copyOf, shared } = schedule;
  const chipCount = schedule.chips.length;
  const copies = placement.length;
  const each = Array.from({ length: replicas }, (_, replica) => replica);
  const microbatches = schedule.microbatches * replicas;
  const whole: Schedule = {
    name: `${replicas}x ${schedule.name}`,
    stages,
    microbatches,
    placement: each.flatMap((replica) =>
      placement.map((chips) => chips.map((chip) => chip + replica * chipCount)),
    ),
    copyOf: Array.from({ length: microbatches }, (_, microbatch) => {
      const replica = microbatch % replicas;
      return replica * copies + (copyOf[(microbatch - replica) / replicas] ?? 0);
    }),
    shared,
    chips: each.flatMap((replica) =>
      schedule.chips.map((list) =>
        list.map((instruction) => moved(instruction, { replica, replicas, chipCount, copies })),
      ),
    ),
  };
  return withExchanges(whole, shared);
}

/** The same instruction in another replica. */
function moved(
  instruction: Instruction,
  {
    replica,
    replicas,
    chipCount,
    copies,
  }: { replica: number; replicas: number; chipCount: number; copies: number },
): Instruction {
  const place = <T extends { microbatch: number }>(one: T): T => ({
    ...one,
    microbatch: one.microbatch * replicas + replica,
  });
  switch (instruction.kind) {
    case 'overlapped':
      return { ...instruction, forward: place(instruction.forward), backward: place(instruction.backward) };
    case 'send':
    case 'receive':
      return { ...place(instruction), peer: instruction.peer + replica * chipCount };
    case 'scatter':
    case 'update':
    case 'gather':
      return { ...instruction, copy: instruction.copy + replica * copies };
    default:
      return place(instruction);
  }
}

export function requireDivisible(name: string, replicas: number, microbatches: number): void {
  if (microbatches % replicas === 0) return;
  throw new ScheduleError(
    'shape',
    `Schedule ${name} deals ${microbatches} microbatches to ${replicas} replicas, which doesn't come out even: give ${replicas * Math.ceil(microbatches / replicas)}.`,
  );
}
