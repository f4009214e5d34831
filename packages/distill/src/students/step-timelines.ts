/**
 * From what chips have done up to a moment to whole steps, real beside simulated.
 *
 * @module
 */
import { compareTimelines, costsOf, type Schedule, simulate, type Timeline } from '@kolben/engine';
import type { StepTimelines } from './training-listener.ts';

/** Spans of a timeline; one step is told however many it has. */
const mostSpans = 2_000;

/**
 * The latest steps of which every chip has executed every instruction, at most `steps` of them, and fewer of long ones;
 * undefined where there are none. Steps have their numbers in both.
 */
export function stepTimelines(
  schedule: Schedule,
  live: Timeline,
  { steps }: { steps: number },
): StepTimelines | undefined {
  const instructions = schedule.chips.reduce((sum, list) => sum + list.length, 0);
  const executed = new Map<number, number>();
  for (const { step } of live.spans) executed.set(step, (executed.get(step) ?? 0) + 1);
  const whole = [...executed]
    .filter(([, count]) => count === instructions)
    .map(([step]) => step)
    .sort((a, b) => a - b)
    .slice(-Math.max(1, Math.min(steps, Math.floor(mostSpans / instructions))));
  if (whole.length === 0) return undefined;
  const kept = new Set(whole);
  const ran: Timeline = { chips: live.chips, spans: live.spans.filter(({ step }) => kept.has(step)) };
  const timed = simulate(schedule, costsOf(ran), { steps: whole.length });
  const { real, simulated } = compareTimelines(timed, ran);
  return {
    real,
    simulated: { ...simulated, spans: simulated.spans.map((span) => ({ ...span, step: whole[span.step] })) },
  };
}
