/**
 * From the orders in which chips compute to whole schedules: adds the sends, receives and updates.
 *
 * Every schedule is written as what tells it from the others, its order of passes, and nothing else.
 *
 * @module
 */
import { downstreamStage, type Instruction, type Schedule, upstreamStage } from './instruction.ts';
import { requireCounts } from './require-counts.ts';

/**
 * A pass in an order. `backward` is the undivided backward pass: B then W, and only then the gradient leaves
 * the chip. `backwardInput` sends its gradient at once.
 */
export interface OrderedPass {
  kind: 'forward' | 'backward' | 'backwardInput' | 'backwardWeight';
  stage: number;
  microbatch: number;
}

export interface Orders {
  name: string;
  /** 1 or more. */
  stages: number;
  /** 1 or more. */
  microbatches: number;
  /** The chip of each stage; by default stage s is on chip s. */
  placement?: readonly number[];
  /** For each chip, its passes over all the stages it holds, in order. */
  orders: readonly (readonly OrderedPass[])[];
}

/**
 * Makes a schedule from each chip's order of passes.
 *
 * A receive comes right before the pass that needs the tensor, a send right after the pass that made it, and
 * only where the neighbouring stage is on another chip; a stage's update follows its last weight gradient.
 * The order itself isn't judged here: `checkSchedule` does that for the whole.
 *
 * @throws ScheduleError (`shape`) when stages or microbatches aren't whole numbers of 1 or more.
 */
export function scheduleFromOrders({ name, stages, microbatches, placement, orders }: Orders): Schedule {
  requireCounts(name, { stages, microbatches });
  const schedule: Schedule = {
    name,
    stages,
    microbatches,
    placement: placement ? [...placement] : Array.from({ length: stages }, (_, stage) => stage),
    chips: [],
  };
  for (const [chip, passes] of orders.entries()) {
    schedule.chips.push(instructionsOf(schedule, chip, passes));
  }
  return schedule;
}

function instructionsOf(schedule: Schedule, chip: number, passes: readonly OrderedPass[]): Instruction[] {
  const instructions: Instruction[] = [];
  const weightGradientsLeft = new Map<number, number>();
  for (const { kind, stage } of passes) {
    if (kind === 'backward' || kind === 'backwardWeight') {
      weightGradientsLeft.set(stage, (weightGradientsLeft.get(stage) ?? 0) + 1);
    }
  }
  const peerOf = (stage: number | undefined): number | undefined => {
    const peer = stage === undefined ? undefined : schedule.placement[stage];
    return peer === chip ? undefined : peer;
  };
  const updateAfterLast = (stage: number): void => {
    const left = (weightGradientsLeft.get(stage) ?? 0) - 1;
    weightGradientsLeft.set(stage, left);
    if (left === 0) instructions.push({ kind: 'update', stage });
  };

  for (const { kind, stage, microbatch } of passes) {
    const up = peerOf(upstreamStage(schedule, stage));
    const down = peerOf(downstreamStage(schedule, stage));
    switch (kind) {
      case 'forward':
        if (up !== undefined) {
          instructions.push({ kind: 'receive', payload: 'activation', stage, microbatch, peer: up });
        }
        instructions.push({ kind: 'forward', stage, microbatch });
        if (down !== undefined) {
          instructions.push({ kind: 'send', payload: 'activation', stage, microbatch, peer: down });
        }
        break;
      case 'backward':
      case 'backwardInput':
        if (down !== undefined) {
          instructions.push({ kind: 'receive', payload: 'gradient', stage, microbatch, peer: down });
        }
        instructions.push({ kind: 'backwardInput', stage, microbatch });
        if (kind === 'backward') instructions.push({ kind: 'backwardWeight', stage, microbatch });
        if (up !== undefined) {
          instructions.push({ kind: 'send', payload: 'gradient', stage, microbatch, peer: up });
        }
        if (kind === 'backward') updateAfterLast(stage);
        break;
      case 'backwardWeight':
        instructions.push({ kind: 'backwardWeight', stage, microbatch });
        updateAfterLast(stage);
        break;
    }
  }
  return instructions;
}
