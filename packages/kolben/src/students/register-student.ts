/**
 * Makes a student folder a student of a task, and the current one unless told otherwise.
 *
 * @module
 */
import type { RegisteredStudent, Store } from '@kolben/store';

/**
 * Opens the folder first: what can't answer must not be put into service.
 *
 * @param options `promote`: false leaves the current student where it is
 *
 * @throws StudentFolderError of `@kolben/distill` when the folder is not a whole student's
 */
export async function registerStudent(
  store: Store,
  task: string,
  directory: string,
  options: { promote?: boolean } = {},
): Promise<RegisteredStudent> {
  const { openStudent } = await import('@kolben/distill');
  const student = await openStudent(directory);
  const { digest, certificate } = student;
  await student.close();
  const registered = await store.students.register({ task, directory, digest, certificate }, options);
  await store.audit({
    actor: 'cli',
    act: 'student.register',
    subject: registered.id,
    detail: { task, digest, ...options },
  });
  return registered;
}
