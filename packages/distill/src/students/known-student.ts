/**
 * What a student folder says of the student, in short.
 *
 * @module
 */
import { type KnownStudent, unknownStudent } from './family-tree.ts';
import type { StudentContents } from './folder/student-contents.ts';
import { readStudentFolder, StudentFolderError } from './student-folder.ts';

/** @throws StudentFolderError when the folder is not a whole student's */
export async function knownStudent(directory: string): Promise<KnownStudent> {
  return knownOf(await readStudentFolder(directory), directory);
}

export function knownOf(
  {
    digest,
    task,
    lineage,
    certificate,
    measurements,
  }: Pick<StudentContents, 'task' | 'lineage' | 'certificate' | 'measurements'> & { readonly digest: string },
  directory: string,
): KnownStudent {
  return {
    digest,
    task: task.name,
    directory,
    parent: lineage.parent ?? null,
    created: lineage.created,
    base: lineage.base?.id ?? null,
    teachers: lineage.teachers,
    terms: lineage.terms?.verdict ?? null,
    dataset: lineage.dataset.digest,
    recipe: lineage.recipe.name,
    seed: lineage.seed,
    agreement: measurements.test.n > 0 ? measurements.test.agreement : null,
    certificate: certificate && { alpha: certificate.alpha, coverage: certificate.coverage },
    missing: null,
  };
}

/** The same of one that was registered; its folder may be gone, or another one may lie there by now. */
export async function registeredStudent({
  directory,
  digest,
  task,
}: {
  directory: string;
  digest: string;
  task: string;
}): Promise<KnownStudent> {
  const lostBy = (lost: 'unreadable' | 'other', missing: string) => ({
    ...unknownStudent(digest, missing),
    ...{ task, directory, lost },
  });
  try {
    const found = await knownStudent(directory);
    return found.digest === digest
      ? { ...found, task }
      : lostBy('other', 'another student lies in its folder');
  } catch (error) {
    if (error instanceof StudentFolderError) return lostBy('unreadable', 'its folder cannot be read');
    throw error;
  }
}
