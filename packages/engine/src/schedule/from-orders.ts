/**
 * From the orders in which chips compute to whole schedules: adds the sends, receives, updates and exchanges.
 *
 * Every schedule is written as what tells it from the others, its order of passes, and nothing else.
 *
 * @module
 */
import {
  chipOf,
  downstreamStage,
  type Instruction,
  type OverlappedInstruction,
  type PassInstruction,
  type Payload,
  type Schedule,
  upstreamStage,
} from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { withExchanges } from './with-exchanges.ts';

/**
 * A pass in an order. `backward` is the undivided backward pass: B then W, and only then the gradient leaves
 * the chip. `backwardInput` sends its gradient at once.
 */
export type OrderedPass =
  | PassInstruction
  | { kind: 'backward'; stage: number; microbatch: number }
  | OverlappedInstruction;

/** The passes of each chip in order, without the transfers between them. */
export interface Orders {
  name: string;
  /** 1 or more. */
  stages: number;
  /** 1 or more. */
  microbatches: number;
  /** The chip of each copy of each stage; by default there is one copy and stage s is on chip s. */
  placement?: readonly (readonly number[])[];
  /** The copy that each microbatch runs through; by default 0. */
  copyOf?: readonly number[];
  /** For each chip, its passes over all the stages it holds, in order. */
  orders: readonly (readonly OrderedPass[])[];
}

/**
 * Makes a schedule from each chip's order of passes.
 *
 * A receive comes right before the pass that needs the tensor, a send right after the pass that made it, and
 * only where the neighbouring stage is on another chip. A stage's update follows its last weight gradient; where
 * stages have copies, its scatter does: see `withExchanges`.
 * The order itself isn't judged here: `checkSchedule` does that for the whole.
 *
 * @throws ScheduleError (`shape`) when stages or microbatches aren't whole numbers of 1 or more.
 */
export function scheduleFromOrders({
  name,
  stages,
  microbatches,
  placement = [Array.from({ length: stages }, (_, stage) => stage)],
  copyOf = Array.from({ length: microbatches }, () => 0),
  orders,
}: Orders): Schedule {
  requireCounts(name, { stages, microbatches });
  const schedule: Schedule = {
    name,
    stages,
    microbatches,
    placement: placement.map((chips) => [...chips]),
    copyOf: [...copyOf],
    shared: [],
    chips: [],
  };
  for (const [chip, passes] of orders.entries()) {
    schedule.chips.push(instructionsOf(schedule, chip, passes));
  }
  return withExchanges(schedule, []);
}

function instructionsOf(schedule: Schedule, chip: number, passes: readonly OrderedPass[]): Instruction[] {
  const instructions: Instruction[] = [];
  /** Weight gradients still to come, by stage and copy. */
  const left = new Map<string, number>();
  const keyOf = (stage: number, microbatch: number) => `${stage} ${schedule.copyOf[microbatch]}`;
  for (const pass of passes) {
    const weights = weightGradientOf(pass);
    if (!weights) continue;
    const key = keyOf(weights.stage, weights.microbatch);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const afterWeightGradient = ({ stage, microbatch }: Place): void => {
    const key = keyOf(stage, microbatch);
    const rest = (left.get(key) ?? 0) - 1;
    left.set(key, rest);
    if (rest > 0) return;
    instructions.push({ kind: 'update', stage, copy: schedule.copyOf[microbatch] ?? 0 });
  };
  const peerOf = (stage: number | undefined, microbatch: number): number | undefined => {
    const peer = stage === undefined ? undefined : chipOf(schedule, stage, microbatch);
    return peer === chip ? undefined : peer;
  };
  const transfer = (kind: 'send' | 'receive', payload: Payload, { stage, microbatch }: Place): void => {
    const towardsEnd = (payload === 'activation') === (kind === 'send');
    const neighbour = towardsEnd ? downstreamStage(schedule, stage) : upstreamStage(schedule, stage);
    const peer = peerOf(neighbour, microbatch);
    if (peer !== undefined) instructions.push({ kind, payload, stage, microbatch, peer });
  };

  for (const pass of passes) {
    switch (pass.kind) {
      case 'forward':
        transfer('receive', 'activation', pass);
        instructions.push(pass);
        transfer('send', 'activation', pass);
        break;
      case 'backward': {
        const { stage, microbatch } = pass;
        transfer('receive', 'gradient', pass);
        instructions.push({ kind: 'backwardInput', stage, microbatch });
        instructions.push({ kind: 'backwardWeight', stage, microbatch });
        transfer('send', 'gradient', pass);
        afterWeightGradient(pass);
        break;
      }
      case 'backwardInput':
        transfer('receive', 'gradient', pass);
        instructions.push(pass);
        transfer('send', 'gradient', pass);
        break;
      case 'backwardWeight':
        instructions.push(pass);
        afterWeightGradient(pass);
        break;
      case 'overlapped':
        transfer('receive', 'activation', pass.forward);
        transfer('receive', 'gradient', pass.backward);
        instructions.push(pass);
        transfer('send', 'activation', pass.forward);
        transfer('send', 'gradient', pass.backward);
        afterWeightGradient(pass.backward);
        break;
    }
  }
  return instructions;
}

interface Place {
  stage: number;
  microbatch: number;
}

/** The stage and microbatch of which the pass makes weight gradients. */
function weightGradientOf(pass: OrderedPass): Place | undefined {
  if (pass.kind === 'overlapped') return pass.backward;
  return pass.kind === 'backward' || pass.kind === 'backwardWeight' ? pass : undefined;
}
