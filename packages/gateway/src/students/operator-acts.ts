/**
 * What an operator does with the students of a task: one takes the place, the one before gets it back, one that was
 * withdrawn may answer again. At the command line and in the console alike, each is in the audit log and in the task's
 * events, and a running gateway goes by it from the next look on.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import type { RegisteredStudent, Store } from '@kolben/store';
import { knownStudent } from './known-student.ts';

type Acting = Pick<Store, 'students' | 'audit' | 'events'>;

/**
 * Makes a registered student the current one of its task; one that is it already stays so, and nothing is written.
 *
 * @param actor a key's id, or `cli`
 * @returns `before`: the id of the student whose place it took
 * @throws KolbenError (`student_unknown`)
 */
export async function promoteStudent(
  store: Acting,
  id: string,
  actor: string,
): Promise<{ student: RegisteredStudent; before: string | null }> {
  const known = await knownStudent(store, id);
  const { task, digest } = known;
  const before = (await store.students.current(task))?.id ?? null;
  if (before === id) return { student: known, before };
  const student = (await store.students.promote(id))!;
  await store.audit({ actor, act: 'student.promote', subject: id, detail: { task, digest, before } });
  await store.events.add({
    ...{ task, what: 'student_promoted', student: id },
    detail: { before, by: 'operator' },
  });
  return { student, before };
}

/** @throws KolbenError (`student_first`) where the task has no student before its current one */
export async function rollBackStudent(
  store: Acting,
  task: string,
  actor: string,
): Promise<{ from: RegisteredStudent; to: RegisteredStudent }> {
  const back = await store.students.rollBack(task);
  if (!back)
    throw new KolbenError(
      'student_first',
      `The task '${task}' has no student before its current one; 'kolben route ${task} teacher' gives its calls to the teacher.`,
      { values: { task } },
    );
  const { from, to } = back;
  await store.audit({ actor, act: 'student.roll_back', subject: from.id, detail: { task, to: to.id } });
  await store.events.add({
    ...{ task, what: 'student_rolled_back', student: from.id },
    detail: { to: to.id, by: 'operator' },
  });
  return back;
}

/**
 * Lets a student that was withdrawn answer again, and begins a new watch over its risk.
 *
 * @param student its `id` as calls name it
 * @returns false, and nothing is changed, where it isn't withdrawn
 */
export async function readmitStudent(
  store: Acting & Pick<Store, 'watches'>,
  { task, id, digest }: { task: string; id: string; digest: string },
  actor: string,
): Promise<boolean> {
  if (!(await store.watches.withdrawn(task)).has(digest)) return false;
  if (!(await store.watches.reset(task, digest))) return false;
  await store.events.add({ task, what: 'student_readmitted', student: id });
  await store.audit({ actor, act: 'student.readmit', subject: id, detail: { task, digest } });
  return true;
}
