/**
 * When a student's answer counts as the teacher's.
 *
 * @module
 */
import { arrangedJson } from '../constrained/arranged-json.ts';
import { type Equality, EqualityError, equalBy, equalityFacts } from '../equality/equality.ts';
import { sameJson } from '../extract/json.ts';
import { labelsIn } from './decide-labels.ts';
import type { ClassifyTask, GenerateTask, StudentTask } from './task.ts';

/**
 * Both as `normaliseAnswer` leaves them; those of an extraction may be any JSON that says the same, and of a generating task with a schema, equal JSON is equal however it is written.
 *
 * @param equality of a generating task, where it is a user's function
 * @throws EqualityError when the task names a function and another one, or none, is given; when that function fails
 */
export function answersEqual(
  task: StudentTask,
  teacher: string,
  student: string,
  equality?: Equality,
): boolean {
  if (task.kind === 'extract') return teacher === student || sameJson(teacher, student);
  if (task.kind === 'classify')
    return task.multiple ? sameLabels(teacher, student, task) : teacher === student;
  const { schema } = task;
  const written = (text: string) => (schema && arrangedJson(text, schema)) ?? text;
  return equalBy(learntEquality(task, equality), written(teacher), written(student));
}

/** The same labels, in whatever order. */
function sameLabels(teacher: string, student: string, task: ClassifyTask): boolean {
  const [wanted, given] = [teacher, student].map((answer) =>
    labelsIn(answer, task)?.toSorted((a, b) => a - b),
  );
  return wanted !== undefined && wanted.join() === given?.join();
}

/** The equality that a task names; a function must be given again. */
export function learntEquality({ equality: named }: GenerateTask, given?: Equality): Equality {
  if (named === 'exact' || named === 'normalised') return named;
  if (given !== undefined && equalityName(given) === named) return given;
  const [name] = named.split(' ');
  throw new EqualityError(
    'equality_missing',
    `Answers of this task are compared by the function ${JSON.stringify(name)}${given === undefined ? ', which is not kept with the student' : ', and another one is given'}; name the file that exports it with --equality.`,
  );
}

/** What a task is told of an equality: a word, or a function's name and digest. */
export function equalityName(equality: Equality): string {
  const { name, digest } = equalityFacts(equality);
  return digest === undefined ? name : `${name} ${digest}`;
}
