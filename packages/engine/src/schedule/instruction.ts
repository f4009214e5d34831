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
 * channel for each payload, direction and sending stage.
 */
export interface TransferInstruction {
  kind: 'send' | 'receive';
  payload: Payload;
  stage: number;
  microbatch: number;
  peer: number;
}

/**
 * A forward pass and the whole backward pass of another microbatch (B, then W) as one piece of work: F&B of
 * DualPipe. What the two have to send leaves the chip after both. Chips may mix their work; ours runs one after
 * the other.
 */
export interface OverlappedInstruction {
  kind: 'overlapped';
  forward: { stage: number; microbatch: number };
  backward: { stage: number; microbatch: number };
}

/**
 * Work on a whole stage, once a step. Where its parameters live on a single chip that is `update`, the optimizer (U).
 * Where they live on several, because the stage has copies or shares parameters with another, it stands within the
 * all-reduce, which is split so that nobody waits in the backward pass:
 *
 * - `scatter` hands out the chip's own sum of weight gradients; it never waits
 * - `update` waits for the others' gradients, adds all up, moves its own share of the weights and hands it out
 * - `gather` waits for the others' shares and takes them in
 *
 * So the optimizer's work and state are divided among the chips that hold a parameter.
 *
 * Source: Rajbhandari et al., ZeRO (arXiv 1910.02054), stage 1.
 */
export interface StageInstruction {
  kind: 'scatter' | 'update' | 'gather';
  stage: number;
  /** From 0. */
  copy: number;
}

/** One thing that a chip does. */
export type Instruction = PassInstruction | OverlappedInstruction | TransferInstruction | StageInstruction;

/** The instructions of one step, for each chip in the order in which it executes them. */
export interface Schedule {
  /** Stable and lower-case: `1f1b`, `gpipe`. */
  name: string;
  stages: number;
  /** Microbatches in a step. */
  microbatches: number;
  /**
   * The chip of each copy of each stage: `placement[copy][stage]`. One row unless stages have copies; the copies of
   * a stage are on different chips.
   */
  placement: number[][];
  /** The copy that a microbatch runs through: `copyOf[microbatch]`. */
  copyOf: number[];
  /** Groups of stages that have a parameter in common, ascending; none where every parameter is one stage's. */
  shared: number[][];
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

/** The chip on which a microbatch passes a stage; undefined where there is no such stage or microbatch. */
export function chipOf(
  { placement, copyOf }: Pick<Schedule, 'placement' | 'copyOf'>,
  stage: number,
  microbatch: number,
): number | undefined {
  return placement[copyOf[microbatch] ?? -1]?.[stage];
}

/** The copies of stages that live on a chip, by stage. */
export function stagesOn({ placement }: Pick<Schedule, 'placement'>, chip: number): StageCopy[] {
  const found: StageCopy[] = [];
  for (const [copy, chips] of placement.entries()) {
    for (const [stage, home] of chips.entries()) if (home === chip) found.push({ stage, copy });
  }
  return found.sort((a, b) => a.stage - b.stage || a.copy - b.copy);
}

/** A stage, and which of its copies. */
export interface StageCopy {
  stage: number;
  copy: number;
}

/** The passes that an instruction consists of, in the order in which they are executed; none for other work. */
export function passesOf(instruction: Instruction): PassInstruction[] {
  switch (instruction.kind) {
    case 'forward':
    case 'backwardInput':
    case 'backwardWeight':
      return [instruction];
    case 'overlapped':
      return [
        { kind: 'forward', ...instruction.forward },
        { kind: 'backwardInput', ...instruction.backward },
        { kind: 'backwardWeight', ...instruction.backward },
      ];
    default:
      return [];
  }
}
