/**
 * All schedules by name, made from the same few counts: for the planner, the command line and comparisons.
 *
 * @module
 */
import { dualPipe } from './dualpipe.ts';
import { dualPipeV } from './dualpipe-v.ts';
import { gpipe } from './gpipe.ts';
import type { Schedule } from './instruction.ts';
import { interleaved } from './interleaved.ts';
import { oneFOneB } from './one-f-one-b.ts';
import { replicas, replicated, requireDivisible } from './replicas.ts';
import { requireCounts } from './require-counts.ts';
import { ScheduleError } from './schedule-error.ts';
import { sequential } from './sequential.ts';
import { zbV } from './zb-v.ts';
import { zbH1, zbH2 } from './zero-bubble.ts';

/** The counts that a schedule is made of by name. */
export interface ScheduleCounts {
  /**
   * p, the parts into which the literature cuts the model for this schedule: one for each chip, except that
   * `dualpipev` puts two on a chip and `sequential` all, and that `replicas` cuts for the exchange only.
   */
  stages: number;
  /** m: microbatches in a step, of all replicas together. */
  microbatches: number;
  /** v: into how many stages `interleaved-1f1b` cuts each part. Default 2. */
  chunks?: number;
  /** How often the whole schedule is there, each with a share of the microbatches. Default 1; `replicas`: p. */
  replicas?: number;
}

/** How a schedule is made, and how its stages relate to the p parts that its counts speak of. */
export interface ScheduleMaker {
  make(counts: { stages: number; microbatches: number; chunks: number }): Schedule;
  /** Stages of the model for each of the p parts: so much smaller is each of them. */
  stagesPerPart(counts: { chunks: number }): number;
  /** How often each stage is there. */
  copies(counts: { stages: number }): number;
  /** Whether microbatches go from chip to chip. */
  travels(counts: { stages: number }): boolean;
}

const one = () => 1;

/** The name of a schedule, as the command line and the planner know it. */
export type ScheduleName =
  | 'sequential'
  | 'gpipe'
  | '1f1b'
  | '1f1b-eager'
  | 'interleaved-1f1b'
  | 'zb-h1'
  | 'zb-h2'
  | 'zb-v'
  | 'dualpipe'
  | 'dualpipev'
  | 'replicas';

const makers: Readonly<Record<ScheduleName, ScheduleMaker>> = {
  sequential: { ...pipeline(sequential), travels: () => false },
  gpipe: pipeline(gpipe),
  '1f1b': pipeline(oneFOneB),
  '1f1b-eager': pipeline((counts) => oneFOneB({ ...counts, eagerGradients: true })),
  'interleaved-1f1b': {
    ...pipeline(({ stages, microbatches, chunks }) => interleaved({ chips: stages, chunks, microbatches })),
    stagesPerPart: ({ chunks }) => chunks,
  },
  'zb-h1': pipeline(zbH1),
  'zb-h2': pipeline(zbH2),
  'zb-v': {
    ...pipeline(({ stages, microbatches }) => zbV({ chips: stages, microbatches })),
    stagesPerPart: () => 2,
  },
  dualpipe: { ...pipeline(dualPipe), copies: () => 2 },
  dualpipev: { ...pipeline(dualPipeV), travels: ({ stages }) => stages > 2 },
  replicas: {
    ...pipeline(({ stages, microbatches }) => replicas({ replicas: stages, stages, microbatches })),
    copies: ({ stages }) => stages,
    travels: () => false,
  },
};

/** What most schedules have in common. */
function pipeline(make: ScheduleMaker['make']): ScheduleMaker {
  return { make, stagesPerPart: one, copies: one, travels: ({ stages }) => stages > 1 };
}

/** The names of all schedules. */
export const scheduleNames = Object.keys(makers) as readonly ScheduleName[];

/** Whether there is a schedule of this name. */
export function isScheduleName(name: string): name is ScheduleName {
  return Object.hasOwn(makers, name);
}

/** A schedule made by name. */
export interface MadeSchedule {
  schedule: Schedule;
  /** Stages of the schedule for each of the p parts. Divide times, activations and parameters of a part by it. */
  stagesPerPart: number;
}

/**
 * Makes the schedule called `name`.
 *
 * @throws ScheduleError (`shape`) when it can't be made with these counts.
 */
export function makeSchedule(name: ScheduleName, counts: ScheduleCounts): MadeSchedule {
  const { stages, microbatches, chunks, replicas: times } = checkedCounts(name, counts);
  requireDivisible(name, times, microbatches);
  const maker = makers[name];
  const single = maker.make({ stages, microbatches: microbatches / times, chunks });
  return { schedule: replicated(single, times), stagesPerPart: maker.stagesPerPart({ chunks }) };
}

/**
 * An upper bound of the instructions that `makeSchedule` makes for these counts, found without making any: it is at
 * most three times their number. To make, check and simulate a schedule takes time and memory in proportion.
 *
 * @throws ScheduleError (`shape`) when there is no schedule of that name, or a count isn't a whole number of 1 or more.
 */
export function mostInstructions(name: ScheduleName, counts: ScheduleCounts): number {
  const { stages, microbatches, chunks, replicas: times } = checkedCounts(name, counts);
  const maker = makers[name];
  const allStages = stages * maker.stagesPerPart({ chunks });
  const copies = times * maker.copies({ stages });
  // F, B and W; a send and a receive of an activation and of its gradient; an update, with copies within an exchange.
  const perMicrobatch = maker.travels({ stages }) ? 7 : 3;
  const perCopy = copies > 1 ? 3 : 1;
  return allStages * (perMicrobatch * microbatches + perCopy * copies);
}

function checkedCounts(
  name: ScheduleName,
  { stages, microbatches, chunks = 2, replicas: times = 1 }: ScheduleCounts,
): Required<ScheduleCounts> {
  if (!isScheduleName(name))
    throw new ScheduleError(
      'shape',
      `There is no schedule ${String(name)}: use one of ${scheduleNames.join(', ')}.`,
    );
  requireCounts(name, { stages, microbatches, chunks, replicas: times });
  return { stages, microbatches, chunks, replicas: times };
}
