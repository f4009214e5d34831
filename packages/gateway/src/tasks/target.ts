/**
 * Whom a call is for: a task, one teacher by its own name, or one student.
 *
 * @module
 */
import type { TokenEstimator } from '../ledger/token-estimator.ts';
import type { StudentReference } from '../students/student-pool.ts';
import type { Teachers } from '../upstream/provider.ts';
import type { Task } from './task.ts';

export interface Target {
  /** Null for a call that names a teacher itself. */
  task: Task | null;
  /** Whom to ask, in order. */
  teachers: Teachers;
  estimator: TokenEstimator;
  /** This very student is to answer, whatever the task's route is. */
  student?: StudentReference;
}

export function targetOf(task: Task): Target {
  return { task, teachers: task.teachers, estimator: task.estimator };
}
