/**
 * When a student's answer counts as the teacher's.
 *
 * @module
 */
import { sameJson } from '../extract/json.ts';
import type { StudentTask } from './task.ts';

/** Both as `normaliseAnswer` leaves them; those of an extraction may be any JSON that says the same. */
export function answersEqual(task: StudentTask, one: string, other: string): boolean {
  return one === other || (task.kind === 'extract' && sameJson(one, other));
}
