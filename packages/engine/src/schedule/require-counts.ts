/**
 * Refuses counts that no schedule can be made for, before any loop runs over them.
 *
 * @module
 */
import type { Schedule } from './instruction.ts';
import { ScheduleError } from './schedule-error.ts';

/** @throws ScheduleError (`shape`) when a count isn't a whole number of 1 or more. */
export function requireCounts(
  name: string,
  { stages, microbatches }: Pick<Schedule, 'stages' | 'microbatches'>,
): void {
  for (const [what, count] of Object.entries({ stages, microbatches })) {
    if (Number.isSafeInteger(count) && count >= 1) continue;
    throw new ScheduleError(
      'shape',
      `Schedule ${name} can't have ${count} ${what}: give a whole number of 1 or more.`,
    );
  }
}
