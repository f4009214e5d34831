/**
 * ZB-H1 and ZB-H2: 1F1B with weight gradients (W) held back to fill the time in which a chip would wait.
 *
 * Source: Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241), sections 2 and 3.
 *
 * @module
 */
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';

/** The counts that `zbH1` and `zbH2` are made of. */
export interface ZeroBubbleOptions {
  /** p; 1 or more, one chip for each. */
  stages: number;
  /** m; 1 or more. From 2p − 1 on (ZB-H2) or p on (ZB-H1), the closed forms hold. */
  microbatches: number;
}

/**
 * ZB-H1: the memory of 1F1B, p activations on each chip, at a bubble of (p − 1)(F + B − W), for W ≤ F + B and free
 * transfers. Stage i begins with p − i − 1 forwards and lags i weight gradients behind its input gradients.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more.
 */
export function zbH1(options: ZeroBubbleOptions): Schedule {
  return zeroBubble('zb-h1', 1, options);
}

/**
 * ZB-H2: up to 2p − 1 activations on each chip, at a bubble of (p − 1)(F + B − 2W), where that isn't negative, by
 * the span of each stage: the last stages begin later than the first and end later, so the next step must be able
 * to begin on a chip before the others have ended this one. Our runs have no barrier between steps.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more.
 */
export function zbH2(options: ZeroBubbleOptions): Schedule {
  return zeroBubble('zb-h2', 2, options);
}

/** @param reach forwards in advance, and weight gradients behind, for each stage of distance */
function zeroBubble(name: string, reach: 1 | 2, { stages, microbatches }: ZeroBubbleOptions): Schedule {
  requireCounts(name, { stages, microbatches });
  const orders = Array.from({ length: stages }, (_, stage) => {
    const order: OrderedPass[] = [];
    const next = { forward: 0, backwardInput: 0, backwardWeight: 0 };
    const pass = (kind: keyof typeof next): void => {
      if (next[kind] < microbatches) order.push({ kind, stage, microbatch: next[kind]++ });
    };
    for (let warmUp = reach * (stages - 1 - stage); warmUp > 0; warmUp--) pass('forward');
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      pass('forward');
      pass('backwardInput');
      if (microbatch >= reach * stage) pass('backwardWeight');
    }
    while (next.backwardWeight < microbatches) pass('backwardWeight');
    return order;
  });
  return scheduleFromOrders({ name, stages, microbatches, orders });
}
