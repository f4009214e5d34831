/**
 * DualPipeV: DualPipe cut in half. The second direction is the way back of the first, so that each chip holds two
 * different stages instead of two copies.
 *
 * Source: the repository deepseek-ai/DualPipe, and "Cut-in-half" by Sea AI Lab.
 *
 * @module
 */
import { type Arm, dualOrder } from './dual-order.ts';
import { scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError } from './schedule-error.ts';

/** The counts that `dualPipeV` is made of. */
export interface DualPipeVOptions {
  /** p: an even number, on half as many chips. */
  stages: number;
  /** m: p or more. */
  microbatches: number;
}

/**
 * The DualPipeV schedule. Chip c holds stages c and p − 1 − c; a microbatch goes from chip 0 to chip p/2 − 1 and back.
 *
 * Each chip waits (p/2 − 1)(F&B + B − 3W), B being the whole backward pass, and holds p + 1 activations.
 *
 * @throws ScheduleError (`shape`) for other numbers of stages or microbatches.
 */
export function dualPipeV({ stages, microbatches }: DualPipeVOptions): Schedule {
  const name = 'dualpipev';
  requireCounts(name, { stages, microbatches });
  if (stages % 2 !== 0)
    throw new ScheduleError(
      'shape',
      `Schedule ${name} puts two stages on each chip and can't have ${stages}: give an even number.`,
    );
  if (microbatches < stages)
    throw new ScheduleError(
      'shape',
      `Schedule ${name} needs ${stages} microbatches or more to fill ${stages} stages and was given ${microbatches}: give more microbatches or fewer stages.`,
    );
  const chips = stages / 2;
  const armOf = (stage: number): Arm => ({ stage, microbatch: (nth) => nth });
  const orders = Array.from({ length: chips }, (_, chip) =>
    dualOrder({
      near: armOf(chip),
      far: armOf(stages - 1 - chip),
      distance: chip,
      ranks: chips,
      pairs: microbatches - stages + chip + 1,
      isMiddle: chip === chips - 1,
    }),
  );
  const placement = [Array.from({ length: stages }, (_, stage) => Math.min(stage, stages - 1 - stage))];
  return scheduleFromOrders({ name, stages, microbatches, placement, orders });
}
