/**
 * What a schedule is made of: instructions, and one ordered list of them for each chip.
 *
 * A schedule is plain data. It is made by pure functions, proved by `checkSchedule`, timed by `simulate` and
 * executed by the runtime; none of the three knows by which rule it was made.
 *
 * @module
 */

/** What travels between two chips: a stage's output on the way up, the gradient of it on the way down. */
export type Payload = 'activation' | 'gradient';

/**
 * One pass of one microbatch through one stage: F, B or W.
 *
 * B computes the gradient of the stage's input, W the gradients of its weights. The first stage's input needs
 * no gradient, yet its B is kept: it is where the stage's saved values are turned into what W consumes, so
 * every stage has the same three programs and a microbatch the same life everywhere.
 */
export interface PassInstruction {
  kind: 'forward' | 'backwardInput' | 'backwardWeight';
  /** From 0. */
  stage: number;
  /** From 0. */
  microbatch: number;
}

/**
 * Hands a tensor to another chip, or takes it from there.
 *
 * `stage` is always a stage of the chip that executes the instruction: on a send the one that made the
 * tensor, on a receive the one that needs it. `peer` is the other chip. A send doesn't wait unless the channel
 * is full; a receive waits until the tensor is there. Between two chips there is one first-in-first-out
 * channel for each payload and direction.
 */
export interface TransferInstruction {
  kind: 'send' | 'receive';
  payload: Payload;
  stage: number;
  microbatch: number;
  peer: number;
}

/**
 * Work on a whole stage, once a step: the optimizer (U), or before it the exchange of weight gradients
 * between copies of the stage. With a single copy of each stage, schedules hold no `allReduce`.
 */
export interface StageInstruction {
  kind: 'update' | 'allReduce';
  stage: number;
}

export type Instruction = PassInstruction | TransferInstruction | StageInstruction;

/** The instructions of one step, for each chip in the order in which it executes them. */
export interface Schedule {
  /** Stable and lower-case: `1f1b`, `gpipe`. */
  name: string;
  stages: number;
  /** Microbatches in a step. */
  microbatches: number;
  /** The chip of each stage: `placement[stage]`. */
  placement: number[];
  /** `chips[chip]` is that chip's list. */
  chips: Instruction[][];
}

/** The stage whose output is the input of `stage`, or undefined for the first. */
export function upstreamStage(_schedule: Pick<Schedule, 'stages'>, stage: number): number | undefined {
  return stage > 0 ? stage - 1 : undefined;
}

/** The stage whose input is the output of `stage`, or undefined for the last. */
export function downstreamStage(schedule: Pick<Schedule, 'stages'>, stage: number): number | undefined {
  return stage + 1 < schedule.stages ? stage + 1 : undefined;
}
