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

export { type ServiceState, type StudentStanding, serviceState } from './service-state.ts';

type Acting = Pick<Store, 'students' | 'audit' | 'events'>;

/**
 * Makes a registered student the current one of its task; one that is it already stays so, and nothing is written.
 *
 * @param actor a key's id, or `cli`
 * @returns `before`: the id of the student whose place it took; `withdrawnAt`: where it is withdrawn, which it stays
 * @throws KolbenError (`student_unknown`)
 */
export async function promoteStudent(
  store: Acting & Pick<Store, 'watches'>,
  id: string,
  actor: string,
): Promise<{ student: RegisteredStudent; before: string | null; withdrawnAt: Date | null }> {
  const known = await knownStudent(store, id);
  const { task, digest } = known;
  const before = (await store.students.current(task))?.id ?? null;
  const withdrawnAt = (await store.watches.get(task, digest))?.withdrawnAt ?? null;
  if (before === id) return { student: known, before, withdrawnAt };
  const student = (await store.students.promote(id))!;
  await store.audit({ actor, act: 'student.promote', subject: id, detail: { task, digest, before } });
  await store.events.add({
    ...{ task, what: 'student_promoted', student: id },
    detail: { before, by: 'operator' },
  });
  return { student, before, withdrawnAt };
}

/** The student that a roll back puts back; undefined: there is none before the current one. */
export async function studentBefore(
  store: Pick<Store, 'students' | 'watches'>,
  task: string,
): Promise<{ student: RegisteredStudent; withdrawnAt: Date | null } | undefined> {
  const student = await store.students.before(task);
  if (!student) return undefined;
  return { student, withdrawnAt: (await store.watches.get(task, student.digest))?.withdrawnAt ?? null };
}

/**
 * Gives the student before the current one its place back. One that is withdrawn answers nothing there, so that the task
 * would be left to its teacher: it is put back only where that is asked for.
 *
 * @param options `withdrawn`: also one that is withdrawn; it stays withdrawn
 * @throws KolbenError (`student_first`) where the task has no student before its current one; (`roll_back_withdrawn`)
 */
export async function rollBackStudent(
  store: Acting & Pick<Store, 'watches'>,
  task: string,
  actor: string,
  { withdrawn = false } = {},
): Promise<{ from: RegisteredStudent; to: RegisteredStudent; withdrawnAt: Date | null }> {
  const before = await studentBefore(store, task);
  if (before?.withdrawnAt && !withdrawn) throw rollBackWithdrawn(before.student, before.withdrawnAt);
  const back = before && (await store.students.rollBack(task));
  if (!back)
    throw new KolbenError(
      'student_first',
      `The task '${task}' has no student before its current one; 'kolben route ${task} teacher' gives its calls to the teacher.`,
      { values: { task } },
    );
  const { from, to } = back;
  const { withdrawnAt } = before;
  await store.audit({
    ...{ actor, act: 'student.roll_back', subject: from.id },
    detail: { task, to: to.id, ...(withdrawnAt && { withdrawn: true }) },
  });
  await store.events.add({
    ...{ task, what: 'student_rolled_back', student: from.id },
    detail: { to: to.id, by: 'operator' },
  });
  return { ...back, withdrawnAt };
}

/** Why a student that is withdrawn doesn't get its place back by the way. */
export function rollBackWithdrawn({ id, task }: RegisteredStudent, at: Date): KolbenError {
  return new KolbenError(
    'roll_back_withdrawn',
    `The student that comes back to the task '${task}', ${id}, is withdrawn since ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC because it kept its promise no longer: until 'kolben route ${task} cascade' lets it answer again, the teacher answers every call of a cascade. To put it back all the same: kolben students rollback ${task} --withdrawn`,
    { values: { task } },
  );
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
