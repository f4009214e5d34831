/**
 * A simulated and a real timeline side by side, as figures: where a run loses the time that its schedule promises.
 *
 * @module
 */
import { KolbenError } from '../error.ts';
import type { Instruction } from '../schedule/instruction.ts';
import { type ChipUse, chipUse, makespan, startingAt, type Timeline } from './timeline.ts';

/** Which part of two timelines `compareTimelines` looks at. */
export interface CompareOptions {
  /** How many steps: the latest of each. By default as many as both have. */
  steps?: number;
}

/** The same time in both, in milliseconds. */
export interface TimePair {
  simulated: number;
  real: number;
  /** `real - simulated`. */
  difference: number;
  /** `real / simulated`; null where the simulated time is 0. */
  ratio: number | null;
}

/** What two timelines have to say about the same steps. */
export interface TimelineComparison {
  /** How many steps were compared; 0 where one of the timelines is empty. */
  steps: number;
  /** The steps that were compared, from 0 ms: what `timelinesSvg` draws. */
  simulated: Timeline;
  real: Timeline;
  /** From the first start to the last end of these steps, on any chip. */
  makespan: TimePair;
  /** The makespan by step. Steps overlap, so one step alone takes longer. */
  stepTime: TimePair;
  /**
   * How each chip spent its makespan. A simulated transfer costs its chip nothing; a real one is copied at both ends.
   */
  chips: { simulated: ChipUse; real: ChipUse }[];
  /** The time of all spans of a kind together, on all chips; kinds that are in neither are left out. */
  kinds: ({ kind: Instruction['kind'] } & TimePair)[];
}

/** Two timelines that have nothing in common to compare. */
export class ComparisonError extends KolbenError {
  static code = 'timelines_not_comparable';

  constructor(message: string) {
    super(ComparisonError.code, message);
  }
}

/**
 * Compares the latest steps of `simulated` with as many of the latest of `real`. The numbers of the steps don't
 * matter: a real timeline is often of a run's last steps, and a simulated one counts from 0.
 *
 * After a run, `simulate(schedule, costsOf(timeline), { steps })` makes the first from the second.
 *
 * @throws ComparisonError when they have different numbers of chips, or fewer steps than are asked for.
 */
export function compareTimelines(
  simulated: Timeline,
  real: Timeline,
  options: CompareOptions = {},
): TimelineComparison {
  if (simulated.chips !== real.chips)
    throw new ComparisonError(
      `The simulated timeline is of ${chipsOf(simulated)} and the real one of ${chipsOf(real)}: simulate the schedule that was run.`,
    );
  const numbers = { simulated: stepsOf(simulated), real: stepsOf(real) };
  const common = Math.min(numbers.simulated.length, numbers.real.length);
  const { steps = common } = options;
  if (!Number.isSafeInteger(steps) || steps < 0 || steps > common)
    throw new ComparisonError(
      `There are ${common} steps to compare and ${steps} were asked for: give a whole number from 0 to ${common}, or simulate more steps.`,
    );
  const sides = {
    simulated: latest(simulated, numbers.simulated, steps),
    real: latest(real, numbers.real, steps),
  };
  const spans = pair(makespan(sides.simulated), makespan(sides.real));
  const uses = { simulated: chipUse(sides.simulated), real: chipUse(sides.real) };
  const times = { simulated: timesByKind(sides.simulated), real: timesByKind(sides.real) };
  return {
    steps,
    ...sides,
    makespan: spans,
    stepTime: pair(spans.simulated / Math.max(1, steps), spans.real / Math.max(1, steps)),
    chips: uses.simulated.map((use, chip) => ({ simulated: use, real: uses.real[chip]! })),
    kinds: kinds
      .filter((kind) => times.simulated.has(kind) || times.real.has(kind))
      .map((kind) => ({ kind, ...pair(times.simulated.get(kind) ?? 0, times.real.get(kind) ?? 0) })),
  };
}

const kinds: readonly Instruction['kind'][] = [
  'forward',
  'backwardInput',
  'backwardWeight',
  'overlapped',
  'send',
  'receive',
  'scatter',
  'update',
  'gather',
];

function chipsOf({ chips }: Timeline): string {
  return chips === 1 ? '1 chip' : `${chips} chips`;
}

/** The numbers of the steps that there are spans of, ascending. */
function stepsOf({ spans }: Timeline): number[] {
  return [...new Set(spans.map(({ step }) => step))].sort((a, b) => a - b);
}

/** The last `count` of the steps, from 0 ms. */
function latest(timeline: Timeline, steps: readonly number[], count: number): Timeline {
  const kept = new Set(steps.slice(steps.length - count));
  return startingAt({ ...timeline, spans: timeline.spans.filter(({ step }) => kept.has(step)) }, 0);
}

function timesByKind({ spans }: Timeline): Map<Instruction['kind'], number> {
  const times = new Map<Instruction['kind'], number>();
  for (const { kind, start, end } of spans) times.set(kind, (times.get(kind) ?? 0) + end - start);
  return times;
}

function pair(simulated: number, real: number): TimePair {
  return {
    simulated,
    real,
    difference: real - simulated,
    ratio: simulated > 0 ? real / simulated : null,
  };
}
