/**
 * The error for a schedule that can't be made or must not be executed.
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import type { Instruction } from './instruction.ts';

/**
 * Why a schedule is refused.
 *
 * - `shape`: counts or numbers out of range, before any instruction is looked at as such
 * - `misplaced`: an instruction on a chip that doesn't hold its stage, or with the wrong peer
 * - `duplicate`: an instruction that is there twice
 * - `missing`: an instruction that isn't there
 * - `order`: an instruction before another of the same chip on which it depends
 * - `mismatch`: a receive that meets another tensor than its own at the head of the channel
 * - `deadlock`: chips that wait for each other
 * - `memory`: more live activations than the bound allows
 */
export type ScheduleErrorReason =
  | 'shape'
  | 'misplaced'
  | 'duplicate'
  | 'missing'
  | 'order'
  | 'mismatch'
  | 'deadlock'
  | 'memory';

/** Where in a schedule something is wrong. */
export interface SchedulePlace {
  chip: number;
  /** Index in the chip's list; for a missing instruction the length of the list. */
  position: number;
  instruction: Instruction;
}

/**
 * A schedule that cannot be made, or that would not run: with the reason, and the place where there is one.
 */
export class ScheduleError extends KolbenError {
  static code = 'schedule_invalid';
  readonly reason: ScheduleErrorReason;
  /** Undefined where the schedule as a whole is at fault. */
  readonly place: SchedulePlace | undefined;

  constructor(reason: ScheduleErrorReason, message: string, place?: SchedulePlace) {
    super(ScheduleError.code, message);
    this.reason = reason;
    this.place = place;
  }
}
