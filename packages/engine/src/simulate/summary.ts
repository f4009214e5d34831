/**
 * What a schedule costs under given times, in the figures that the literature compares schedules by.
 *
 * @module
 */
import { checkSchedule } from '../schedule/check.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { makeSchedule, type ScheduleCounts, type ScheduleName } from '../schedule/schedules.ts';
import { simulateChecked } from './simulate.ts';
import { bubbleRate, chipUse, makespan, type Timeline } from './timeline.ts';

/** Times of one of the p parts of the model, per microbatch, in any one unit. */
export interface PartTimes {
  forward: number;
  backwardInput: number;
  backwardWeight: number;
  /** Latency from chip to chip. */
  transfer: number;
  /** An overlapped pair: a forward and a whole backward pass at once. Default: one after the other. */
  overlapped?: number;
}

/** Times are in the unit of the times given; activations and parameters are in parts of the model. */
export interface ScheduleSummary {
  schedule: Schedule;
  timeline: Timeline;
  /** From the first start to the last end of any chip. */
  makespan: number;
  /** See `bubbleRateDefinition`. */
  bubbleRate: number;
  /** How long each chip waits within the makespan. */
  idlePerChip: number[];
  /** The most activations alive at once on each chip: in microbatches of one of the p parts. */
  peakActivations: number[];
  /** Parts of the model whose parameters the fullest chip holds. */
  parametersPerChip: number;
}

/**
 * Makes, checks and simulates one step of the schedule called `name`.
 *
 * @throws ScheduleError when it can't be made with these counts, CostModelError when a time is negative.
 */
export function summarizeSchedule(
  name: ScheduleName,
  counts: ScheduleCounts,
  times: PartTimes,
): ScheduleSummary {
  const { schedule, stagesPerPart } = makeSchedule(name, counts);
  const { peakActivations } = checkSchedule(schedule);
  const { forward, backwardInput, backwardWeight, transfer, overlapped } = times;
  const timeline = simulateChecked(schedule, {
    forward: forward / stagesPerPart,
    backwardInput: backwardInput / stagesPerPart,
    backwardWeight: backwardWeight / stagesPerPart,
    transfer,
    ...(overlapped === undefined ? {} : { overlapped: overlapped / stagesPerPart }),
  });
  const held = schedule.chips.map(() => 0);
  for (const chip of schedule.placement.flat()) held[chip]! += 1;
  return {
    schedule,
    timeline,
    makespan: makespan(timeline),
    bubbleRate: bubbleRate(timeline),
    idlePerChip: chipUse(timeline).map(({ idle }) => idle),
    peakActivations: peakActivations.map((peak) => peak / stagesPerPart),
    parametersPerChip: held.reduce((most, stages) => Math.max(most, stages), 0) / stagesPerPart,
  };
}
