/**
 * A registered student that somebody named.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine/error';
import type { RegisteredStudent, Store } from '@kolben/store';

/** @throws KolbenError (`student_unknown`) */
export async function knownStudent(
  { students }: Pick<Store, 'students'>,
  id: string,
): Promise<RegisteredStudent> {
  const known = await students.get(id);
  if (known) return known;
  throw new KolbenError(
    'student_unknown',
    `There is no student '${id}': 'kolben students list --json' lists them with their ids.`,
  );
}
