/**
 * 1F1B: after a short warm-up, each chip alternates one forward and one backward pass.
 *
 * Source: Narayanan et al., PipeDream (SOSP 2019) and "Efficient Large-Scale Language Model Training on GPU
 * Clusters" (arXiv 2104.04473).
 *
 * @module
 */
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';

/** The counts that `oneFOneB` is made of. */
export interface OneFOneBOptions {
  /** 1 or more; one chip for each. */
  stages: number;
  /** 1 or more. */
  microbatches: number;
  /**
   * Send a gradient as soon as B is done, instead of after W. The published schedule does the latter, its
   * backward pass being undivided; the order of passes and the memory are the same either way, and nothing
   * ever happens later. The schedule is then called `1f1b-eager`.
   */
  eagerGradients?: boolean;
}

/**
 * The 1F1B schedule. Stage i does min(stages − i − 1, microbatches) forwards, then triples of F, B, W while
 * forwards are left, then the remaining pairs of B, W.
 *
 * With equal stages and free transfers each chip waits (stages − 1)(F + B + W) in a step, eagerly
 * (stages − 1)(F + B); stage i holds at most min(stages − i, microbatches) activations.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more.
 */
export function oneFOneB({ stages, microbatches, eagerGradients = false }: OneFOneBOptions): Schedule {
  const name = eagerGradients ? '1f1b-eager' : '1f1b';
  requireCounts(name, { stages, microbatches });
  const orders: OrderedPass[][] = [];
  for (let stage = 0; stage < stages; stage++) {
    const order: OrderedPass[] = [];
    let forwards = 0;
    const forward = (): void => {
      order.push({ kind: 'forward', stage, microbatch: forwards++ });
    };
    const warmUp = Math.min(stages - stage - 1, microbatches);
    while (forwards < warmUp) forward();
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      if (forwards < microbatches) forward();
      if (eagerGradients) {
        order.push(
          { kind: 'backwardInput', stage, microbatch },
          { kind: 'backwardWeight', stage, microbatch },
        );
      } else {
        order.push({ kind: 'backward', stage, microbatch });
      }
    }
    orders.push(order);
  }
  return scheduleFromOrders({ name, stages, microbatches, orders });
}
