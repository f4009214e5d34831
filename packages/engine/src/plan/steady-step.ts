import { chipUse, type Timeline } from '../simulate/timeline.ts';

/** A step in the steady state, when a chip begins the next before the others have finished theirs. */
export interface SteadyStep {
  /** Milliseconds from the beginning of a step to that of the next, on average. */
  readonly ms: number;
  /** The share of the chips' time in which they wait, 0 to 1. */
  readonly bubble: number;
}

/**
 * What a step takes, from step `from` of the timeline to the last one in it, of which only the beginning is looked at.
 *
 * @param timeline of steps up to `from + 1` at least
 */
export function steadyStep(timeline: Timeline, from: number): SteadyStep {
  const begins = new Map<number, number>();
  for (const { step, start } of timeline.spans)
    begins.set(step, Math.min(start, begins.get(step) ?? Number.POSITIVE_INFINITY));
  const last = Math.max(...begins.keys());
  const window = { start: begins.get(from) ?? 0, end: begins.get(last) ?? 0 };
  const length = window.end - window.start;
  if (!(length > 0)) return { ms: 0, bubble: 0 };
  const idle = chipUse(timeline, window).reduce((sum, use) => sum + use.idle, 0);
  return { ms: length / (last - from), bubble: idle / (timeline.chips * length) };
}
