/**
 * Refuses counts that no schedule can be made for, before any loop runs over them.
 *
 * @module
 */
import { ScheduleError } from './schedule-error.ts';

/**
 * @param counts by what is counted
 * @throws ScheduleError (`shape`) when one isn't a whole number of 1 or more.
 */
export function requireCounts(name: string, counts: Readonly<Record<string, number>>): void {
  for (const [what, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && count >= 1) continue;
    throw new ScheduleError(
      'shape',
      `Schedule ${name} can't have ${count} ${what}: give a whole number of 1 or more.`,
    );
  }
}
