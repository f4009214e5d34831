/**
 * GPipe: all forward passes of a step, then all backward passes.
 *
 * Source: Huang et al., GPipe (arXiv 1811.06965).
 *
 * @module
 */
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';

/** The counts that `gpipe` is made of. */
export interface GPipeOptions {
  /** 1 or more; one chip for each. */
  stages: number;
  /** 1 or more. */
  microbatches: number;
}

/**
 * The GPipe schedule. Backward passes run in the order of the forward passes, so that weight gradients are
 * added up in the same order as under the other schedules, to the same bits.
 *
 * With equal stages and free transfers each chip waits (stages − 1)(F + B + W) in a step, as in 1F1B; but
 * every stage holds the activations of all microbatches.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more.
 */
export function gpipe({ stages, microbatches }: GPipeOptions): Schedule {
  requireCounts('gpipe', { stages, microbatches });
  const orders: OrderedPass[][] = [];
  for (let stage = 0; stage < stages; stage++) {
    const order: OrderedPass[] = [];
    for (const kind of ['forward', 'backward'] as const) {
      for (let microbatch = 0; microbatch < microbatches; microbatch++)
        order.push({ kind, stage, microbatch });
    }
    orders.push(order);
  }
  return scheduleFromOrders({ name: 'gpipe', stages, microbatches, orders });
}
