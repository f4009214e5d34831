/**
 * Interleaved 1F1B: each chip holds several short stages instead of a long one, so that the first work reaches
 * every chip sooner and the bubble shrinks by their number; in exchange there are as many more transfers.
 *
 * Source: Narayanan et al., "Efficient Large-Scale Language Model Training on GPU Clusters" (arXiv 2104.04473).
 *
 * @module
 */
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { Schedule } from './instruction.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError } from './schedule-error.ts';

/** The counts that `interleaved` is made of. */
export interface InterleavedOptions {
  /** Chips, p; 1 or more. */
  chips: number;
  /** Stages on each chip, v; 1 or more. Chip c holds stages c, c + p, c + 2p, … */
  chunks: number;
  /** m: a multiple of the number of chips. */
  microbatches: number;
}

/**
 * The interleaved 1F1B schedule of chips × chunks stages. Microbatches pass in groups of p: a chip takes a group
 * through its first stage, then through its second, and so on; backward passes take the stages in reverse.
 * Chip c begins with 2(p − c − 1) + (v − 1)p forwards.
 *
 * With equal stages and free transfers each chip waits (p − 1)(F + B + W)/v, where F + B + W is the work of a whole
 * chip on a microbatch, and chip 0 holds up to pv + p − 1 activations of single stages.
 *
 * @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more, or the chips don't divide the
 * microbatches.
 */
export function interleaved({ chips, chunks, microbatches }: InterleavedOptions): Schedule {
  const name = 'interleaved-1f1b';
  requireCounts(name, { chips, chunks, microbatches });
  if (microbatches % chips !== 0)
    throw new ScheduleError(
      'shape',
      `Schedule ${name} passes microbatches in groups of ${chips}, one for each chip, and ${microbatches} is no multiple of that: give ${chips * Math.ceil(microbatches / chips)}.`,
    );
  const total = microbatches * chunks;
  const placeOf = (chip: number, turn: number, isBackward: boolean) => {
    const inGroup = turn % (chips * chunks);
    const chunk = Math.floor(inGroup / chips);
    return {
      stage: (isBackward ? chunks - 1 - chunk : chunk) * chips + chip,
      microbatch: Math.floor(turn / (chips * chunks)) * chips + (inGroup % chips),
    };
  };
  const orders = Array.from({ length: chips }, (_, chip) => {
    const order: OrderedPass[] = [];
    const warmUp = Math.min(2 * (chips - chip - 1) + (chunks - 1) * chips, total);
    for (let turn = 0; turn < warmUp; turn++) order.push({ kind: 'forward', ...placeOf(chip, turn, false) });
    for (let turn = 0; turn < total; turn++) {
      if (turn + warmUp < total) order.push({ kind: 'forward', ...placeOf(chip, turn + warmUp, false) });
      order.push({ kind: 'backward', ...placeOf(chip, turn, true) });
    }
    return order;
  });
  const stages = chips * chunks;
  const placement = [Array.from({ length: stages }, (_, stage) => stage % chips)];
  return scheduleFromOrders({ name, stages, microbatches, placement, orders });
}
