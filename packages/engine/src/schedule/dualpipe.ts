/**
 * DualPipe: microbatches enter at both ends of the pipeline at once. Every stage exists twice, on two chips that
 * mirror each other, and while a chip computes a microbatch of one direction forward, it computes one of the other
 * direction backward: F&B, an overlapped pair.
 *
 * Source: DeepSeek-V3 technical report (arXiv 2412.19437), section 3.2.1, and the repository deepseek-ai/DualPipe.
 *
 * @module
 */
import { type Arm, dualOrder } from './dual-order.ts';
import { scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError } from './schedule-error.ts';

/** The counts that `dualPipe` is made of. */
export interface DualPipeOptions {
  /** p: an even number; as many chips. */
  stages: number;
  /** m: an even number, 2p or more. Half of them enter at chip 0, half at chip p − 1. */
  microbatches: number;
}

/**
 * The DualPipe schedule. Chip c holds stages c and p − 1 − c. Even microbatches run through copy 0 of the stages,
 * from chip 0 to chip p − 1, odd ones through copy 1, from chip p − 1 to chip 0.
 *
 * Each chip waits (p/2 − 1)(F&B + B − 3W), B being the whole backward pass, and holds p + 1 activations and the
 * parameters of two stages.
 *
 * @throws ScheduleError (`shape`) for other numbers of stages or microbatches.
 */
export function dualPipe({ stages, microbatches }: DualPipeOptions): Schedule {
  const name = 'dualpipe';
  requireCounts(name, { stages, microbatches });
  const refuse = (problem: string): never => {
    throw new ScheduleError('shape', `Schedule ${name} ${problem}.`);
  };
  if (stages % 2 !== 0) refuse(`pairs its stages and can't have ${stages}: give an even number`);
  if (microbatches % 2 !== 0)
    refuse(
      `sends half of the microbatches in at each end and can't have ${microbatches}: give an even number`,
    );
  if (microbatches < 2 * stages)
    refuse(
      `needs ${2 * stages} microbatches or more to fill ${stages} stages from both ends and was given ${microbatches}: give more microbatches or fewer stages`,
    );
  const half = stages / 2;
  const orders = Array.from({ length: stages }, (_, chip) => {
    const isSecondHalf = chip >= half;
    const distance = Math.min(chip, stages - 1 - chip);
    // Directions are seen from the chip's own end of the pipeline: the near one enters there.
    const armOf = (direction: 0 | 1): Arm => ({
      stage: direction === 0 ? chip : stages - 1 - chip,
      microbatch: (nth) => 2 * nth + direction,
    });
    return dualOrder({
      near: armOf(isSecondHalf ? 1 : 0),
      far: armOf(isSecondHalf ? 0 : 1),
      distance,
      ranks: half,
      pairs: microbatches / 2 - stages + distance + 1,
      isMiddle: distance === half - 1,
    });
  });
  const forwards = Array.from({ length: stages }, (_, stage) => stage);
  return scheduleFromOrders({
    name,
    stages,
    microbatches,
    placement: [forwards, forwards.toReversed()],
    copyOf: Array.from({ length: microbatches }, (_, microbatch) => microbatch % 2),
    orders,
  });
}
