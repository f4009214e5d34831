/**
 * How the API calls what can answer: tasks, students, teachers.
 *
 * @module
 */
export const taskPrefix = 'kolben/';
export const studentPrefix = 'student/';

/** How the API calls a task. */
export function modelName(task: string): string {
  return taskPrefix + task;
}

/** How the API calls a registered student. */
export function studentName(id: string): string {
  return studentPrefix + id;
}
