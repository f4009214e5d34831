/**
 * What a dataset's source is called where it was made of a task's recorded calls. Students keep it in their lineage, so
 * the words stay as they are.
 *
 * @module
 */
export function sourceOfCalls(task: string): string {
  return `the recorded calls of ${task}`;
}
