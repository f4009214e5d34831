/**
 * A teacher's name.
 *
 * @module
 */

/** A teacher's name taken apart at its first slash: provider and model. */
export function splitTeacher(teacher: string): [provider: string, model: string] {
  const slash = teacher.indexOf('/');
  return [teacher.slice(0, slash), teacher.slice(slash + 1)];
}
