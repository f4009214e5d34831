/**
 * All stages on one chip, one microbatch after the other: the reference against which every pipeline is held.
 *
 * It runs the very programs that a pipeline of as many stages runs, so a difference in the weights is the
 * pipeline's doing and not that of another cut.
 *
 * @module
 */
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';

/** The counts that `sequential` is made of. */
export interface SequentialOptions {
  /** 1 or more, all of them on chip 0. */
  stages: number;
  /** 1 or more. */
  microbatches: number;
}

/**
 * The schedule of a single chip. It never waits, and holds at most one activation for each stage.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more.
 */
export function sequential({ stages, microbatches }: SequentialOptions): Schedule {
  requireCounts('sequential', { stages, microbatches });
  const order: OrderedPass[] = [];
  for (let microbatch = 0; microbatch < microbatches; microbatch++) {
    for (let stage = 0; stage < stages; stage++) order.push({ kind: 'forward', stage, microbatch });
    for (let stage = stages - 1; stage >= 0; stage--) order.push({ kind: 'backward', stage, microbatch });
  }
  const placement = [Array.from({ length: stages }, () => 0)];
  return scheduleFromOrders({ name: 'sequential', stages, microbatches, placement, orders: [order] });
}
