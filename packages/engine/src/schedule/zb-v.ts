/**
 * ZB-V: two stages on each chip, placed like a V, so that the last stage sits beside the first. A microbatch comes
 * back to where it began, and every chip holds the same number of activations.
 *
 * Source: Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241), section 6, and "Pipeline Parallelism with
 * Controllable Memory" (arXiv 2405.15362).
 *
 * @module
 */
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';

/** The counts that `zbV` is made of. */
export interface ZbVOptions {
  /** p; 1 or more. Chip c holds stages c and 2p − 1 − c. */
  chips: number;
  /** m; 1 or more. From 2p − 1 on, there is no bubble if F = B = W. */
  microbatches: number;
}

/**
 * The ZB-V schedule of 2p stages on p chips. With F = B = W, free transfers and m ≥ 2p − 1, no chip waits between
 * its first and its last pass; no chip holds more than 2p activations of single stages, the memory of 1F1B.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more.
 */
export function zbV({ chips, microbatches }: ZbVOptions): Schedule {
  const name = 'zb-v';
  requireCounts(name, { chips, microbatches });
  // Written for the least number of microbatches that fills the pipeline; with fewer, those that aren't there are
  // left out and the order stays.
  const full = Math.max(2 * chips - 1, microbatches);
  const orders = Array.from({ length: chips }, (_, chip) => {
    const order: OrderedPass[] = [];
    const stageOf = { down: chip, up: 2 * chips - 1 - chip };
    const next = { down: { F: 0, B: 0, W: 0 }, up: { F: 0, B: 0, W: 0 } };
    const kinds = { F: 'forward', B: 'backwardInput', W: 'backwardWeight' } as const;
    const pass = (arm: 'down' | 'up', ...letters: ('F' | 'B' | 'W')[]): void => {
      for (const letter of letters) {
        const microbatch = next[arm][letter]++;
        if (microbatch < microbatches) order.push({ kind: kinds[letter], stage: stageOf[arm], microbatch });
      }
    };
    const times = (count: number, work: () => void): void => {
      for (let i = 0; i < count; i++) work();
    };

    // 1. Microbatches go down until the first one comes back up.
    times(2 * (chips - chip) - 1, () => pass('down', 'F'));
    // 2. As many come up as go down.
    times(chip, () => {
      pass('up', 'F');
      pass('down', 'F');
    });
    // 3. Those that have come up are turned round at once.
    times(chips - chip, () => pass('up', 'F', 'B', 'W'));
    // 4. Both arms in turn.
    while (next.up.F < next.down.F || next.down.F < full) {
      if (next.down.F < full) pass('down', 'F');
      pass('down', 'B', 'W');
      pass('up', 'F', 'B', 'W');
    }
    // 5. Input gradients first, for the chips that wait for them …
    times(chip, () => {
      pass('down', 'B');
      pass('up', 'B');
    });
    // 6. … then, with what fills the time between them, …
    times(chips - chip, () => pass('down', 'B', 'W'));
    // 7. … the weight gradients that are left.
    while (next.up.W < next.up.B) pass('up', 'W');
    while (next.down.W < next.down.B) pass('down', 'W');
    return order;
  });
  const stages = 2 * chips;
  const placement = [Array.from({ length: stages }, (_, stage) => Math.min(stage, stages - 1 - stage))];
  return scheduleFromOrders({ name, stages, microbatches, placement, orders });
}
