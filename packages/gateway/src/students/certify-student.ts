/**
 * Gives a registered student another certificate: a student of its own, with the old one to go back to.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import type { Certificate, StudentAlphas } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { RegisteredStudent, Store } from '@kolben/store';
import { knownStudent } from './known-student.ts';

export const studentCertified = 'student_certified';

export interface CertifyStudentOptions {
  store: Store;
  /** As registered. */
  student: string;
  /** Where it is given, the student must be of this task. */
  task?: string;
  alpha: number;
  /** Who does it, for the audit log. */
  actor: string;
  signal?: AbortSignal;
}

export interface CertifiedStudent {
  from: RegisteredStudent;
  to: RegisteredStudent;
  certificate: Certificate;
  /** Whether it is the task's current student now: it is where the one before it was. */
  promoted: boolean;
}

/** @throws KolbenError `student_unknown`; StudentFolderError; CertificateError where it keeps no scores */
export async function alphasOf(
  store: Store,
  student: string,
): Promise<StudentAlphas & { student: RegisteredStudent }> {
  const { studentAlphas } = await import('@kolben/distill');
  const registered = await knownStudent(store, student);
  return { student: registered, ...(await studentAlphas(registered.directory)) };
}

/**
 * The test by betting of the old certificate ends with it: the new student's digest is another one, and its first audit
 * begins a test of its own, against the new alpha.
 *
 * @throws KolbenError `student_of_another_task`; `student_withdrawn` for a student whose calls have changed since its
 * calibration
 */
export async function certifyStudent({
  store,
  student,
  alpha,
  actor,
  signal,
  ...given
}: CertifyStudentOptions): Promise<CertifiedStudent> {
  const from = await knownStudent(store, student);
  const { task, directory } = from;
  if (given.task !== undefined && given.task !== task)
    throw new KolbenError(
      'student_of_another_task',
      `The student ${from.id} is of the task '${task}', not of '${given.task}': name a student of that task.`,
      { values: { task: given.task } },
    );
  if ((await store.watches.withdrawn(task)).has(from.digest))
    throw new KolbenError(
      'student_withdrawn',
      `The student ${from.id} is withdrawn because it kept its promise no longer: its calls are not those that it was calibrated on, so these can certify nothing any more; distil a new one.`,
    );
  const { certifyAgain } = await import('@kolben/distill');
  const out = freeFolder(
    `${directory.replace(/[\\/]+$/, '').replace(/-alpha-[0-9.]+(-\d+)?$/, '')}-alpha-${alpha}`,
  );
  const { digest, certificate } = await certifyAgain(directory, { alpha, out, ...(signal && { signal }) });
  const promoted = (await store.students.current(task))?.id === from.id;
  const to = await store.students.register(
    { task, directory: out, digest, certificate },
    { promote: promoted },
  );
  const detail = { task, from: from.id, alpha, coverage: certificate.coverage };
  await store.audit({ actor, act: 'student.certify', subject: to.id, detail });
  await store.events.add({
    task,
    what: studentCertified,
    student: to.id,
    detail: { ...detail, promoted, by: 'operator' },
  });
  return { from, to, certificate, promoted };
}

function freeFolder(wanted: string): string {
  let folder = wanted;
  for (let n = 2; existsSync(folder); n++) folder = `${wanted}-${n}`;
  return folder;
}
