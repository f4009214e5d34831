/**
 * The model card of a student that is there, as this version of Kolben writes it.
 *
 * @module
 */
import { familyNamed } from './families.ts';
import { modelCard } from './folder/model-card.ts';
import { readStudentFolder, StudentFolderError } from './student-folder.ts';

export interface StudentCardOptions {
  /** What the student is for; in place of what its lineage says. */
  readonly purpose?: string;
  /** Whom to ask about it; likewise. */
  readonly contact?: string;
}

/** In Markdown. @throws StudentFolderError when the folder is not a whole student's, or of an unknown family */
export async function studentCard(
  directory: string,
  { purpose, contact }: StudentCardOptions = {},
): Promise<string> {
  const contents = await readStudentFolder(directory);
  const family = familyNamed(contents.family);
  if (!family)
    throw new StudentFolderError(
      'student_folder_version',
      directory,
      `this Kolben knows no models of the family ${JSON.stringify(contents.family)}; use the version named in kolben.json, or a newer one`,
    );
  const lineage = {
    ...contents.lineage,
    ...(purpose !== undefined && { purpose }),
    ...(contact !== undefined && { contact }),
  };
  const card = family.card(contents.files, contents.task, { based: lineage.base !== undefined });
  return modelCard({ ...contents, lineage }, card, contents.digest);
}
