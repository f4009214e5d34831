/**
 * Another certificate for a student that is there: the same model, another alpha.
 *
 * The student that comes of it has a folder and a digest of its own, since what is certified of a student is part of what
 * it is; the one before it stays as it was.
 *
 * @module
 */
import { type AlphaChoice, alphaChoices, choiceOf } from '../certificates/alpha-choices.ts';
import type { Certificate } from '../certificates/certificate.ts';
import { CertificateError } from '../certificates/certificate-error.ts';
import { version } from '../version.ts';
import { familyNamed } from './families.ts';
import {
  checkWritable,
  readScores,
  readStudentFolder,
  StudentFolderError,
  writeStudentFolder,
} from './student-folder.ts';

export interface StudentAlphas {
  /** The certificate that it has. */
  certificate: Certificate | null;
  /** Of all choices together. */
  delta: number;
  choices: AlphaChoice[];
}

/**
 * What each alpha that may be chosen would certify.
 *
 * @throws StudentFolderError when the folder is not a whole student's; CertificateError `certificate_scores` where it was
 * distilled before scores were kept
 */
export async function studentAlphas(directory: string): Promise<StudentAlphas> {
  const { certificate, lineage } = await readStudentFolder(directory);
  const scores = await readScores(directory);
  if (scores === undefined)
    throw new CertificateError(
      'certificate_scores',
      `The student in ${directory} keeps no scores of its calibration (it was distilled before they were kept, or its folder was copied without scores.json): distil it anew with the alpha that is wanted.`,
    );
  const { delta } = scores;
  return { certificate, delta, choices: alphaChoices({ ...scores, calls: lineage.dataset.n }) };
}

/**
 * Writes the student once more, with the certificate of this alpha.
 *
 * @throws CertificateError `certificate_alpha` where it can't be chosen, `certificate_none` where it certifies nothing
 */
export async function certifyAgain(
  directory: string,
  { alpha, out, signal }: { alpha: number; out: string; signal?: AbortSignal },
): Promise<{ digest: string; certificate: Certificate }> {
  const { delta, choices } = await studentAlphas(directory);
  const { certificate, reason } = choiceOf(choices, alpha);
  if (certificate === null) throw new CertificateError('certificate_none', reason!);
  const { digest, reason: _reason, refusal: _refusal, ...student } = await readStudentFolder(directory);
  const { tune, calibration } = (await readScores(directory))!;
  const family = familyNamed(student.family);
  if (!family)
    throw new StudentFolderError(
      'student_folder_version',
      directory,
      `this Kolben knows no models of the family ${JSON.stringify(student.family)}; use the version named in kolben.json, or a newer one`,
    );
  await checkWritable(out);
  const lineage = {
    ...student.lineage,
    parent: digest,
    certified: { from: digest, at: new Date().toISOString(), kolben: version, before: student.certificate },
  };
  const card = family.card(student.files, student.task, { based: lineage.base !== undefined });
  const written = await writeStudentFolder(
    out,
    { ...student, certificate, lineage, scores: { tune, calibration, delta } },
    card,
    signal && { signal },
  );
  return { digest: written.digest, certificate };
}
