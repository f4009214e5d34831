/**
 * From the times that chips report to the timeline of a run.
 *
 * @module
 */
import type { Schedule } from '../schedule/instruction.ts';
import { type Span, spanOf, type Timeline } from '../simulate/timeline.ts';
import type { StepReport } from './job.ts';

/** @param steps the reports of all chips, by chip, for each step. The clock begins with the first instruction. */
export function timelineOf({ chips }: Schedule, steps: readonly (readonly StepReport[])[]): Timeline {
  const zero = steps.flat().reduce((least, { times }) => Math.min(least, times[0] ?? least), Infinity);
  const spans: Span[] = [];
  for (const reports of steps) {
    for (const [chip, { step, times }] of reports.entries()) {
      for (const [i, instruction] of chips[chip].entries())
        spans.push({
          chip,
          ...spanOf(instruction),
          step,
          start: times[2 * i] - zero,
          end: times[2 * i + 1] - zero,
        });
    }
  }
  return { chips: chips.length, spans };
}
