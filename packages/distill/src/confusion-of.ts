/**
 * Which labels are taken for which.
 *
 * @module
 */
import type { DatasetExample } from './datasets/dataset.ts';
import type { StudentTask } from './students/task.ts';

/**
 * Counts of examples by the teacher's label (rows) and the student's (columns), both in the order of the task's labels;
 * null where answers aren't single labels.
 */
export function confusionOf(
  task: StudentTask,
  examples: readonly DatasetExample[],
  answered: readonly string[],
): number[][] | null {
  if (task.kind !== 'classify' || task.multiple) return null;
  const numbers = new Map(task.labels.map((label, i) => [label, i]));
  const counts = task.labels.map(() => new Array<number>(task.labels.length).fill(0));
  examples.forEach(({ answer }, i) => {
    const row = numbers.get(answer);
    const column = numbers.get(answered[i]);
    if (row !== undefined && column !== undefined) counts[row][column]++;
  });
  return counts;
}
