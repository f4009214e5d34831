/**
 * Students that were taught on redacted texts: they are asked redacted ones, and what stood in the place of a
 * placeholder comes back into their answers.
 *
 * @module
 */
import { z } from 'zod';
import {
  placeholder,
  REDACTED_KINDS,
  REDACTION_VERSION,
  type Redact,
  type Redacted,
  redactor,
} from '../redact/redact-text.ts';
import type { RawAnswer } from './family.ts';
import { StudentFolderError } from './folder/student-folder-error.ts';

export const redactionSchema = z.object({
  /** `REDACTION_VERSION` of whoever redacted. */
  version: z.int().positive(),
  countries: z.array(z.string()),
  patterns: z.array(z.object({ name: z.string(), source: z.string(), flags: z.string() })),
});

/** How a student's texts are redacted. */
export type StudentRedaction = z.infer<typeof redactionSchema>;

/** @throws StudentFolderError where this version redacts in another way, RedactionError for a pattern that is none */
export function redactorOf({ version, countries, patterns }: StudentRedaction, directory: string): Redact {
  if (version !== REDACTION_VERSION)
    throw new StudentFolderError(
      'student_folder_version',
      directory,
      `it was taught on texts redacted by version ${version}, and this Kolben redacts by version ${REDACTION_VERSION}; use the Kolben that wrote it, or distil the student again`,
    );
  return redactor({
    countries,
    patterns: patterns.map(({ name, source, flags }) => ({ name, pattern: new RegExp(source, flags) })),
  });
}

/**
 * An answer that names a placeholder which stands at several places of its text could mean any of them: nobody can be
 * sure of it.
 *
 * @param text as the student read it
 */
export function doubtAmbiguous(
  given: RawAnswer,
  text: string,
  { patterns }: Pick<StudentRedaction, 'patterns'>,
): RawAnswer {
  const kinds = [...REDACTED_KINDS, ...patterns.map(({ name }) => name)];
  const isAmbiguous = (word: string) => given.answer.includes(word) && text.split(word).length > 2;
  return kinds.map(placeholder).some(isAmbiguous) ? { ...given, confidence: 0 } : given;
}

/**
 * The answer with what was taken out of the text put back in the place of its placeholder. In JSON it is put into
 * strings.
 *
 * @param text as it was before `redacted`
 */
export function restore(answer: string, text: string, { found }: Redacted): string {
  const json = /^\s*[[{]/.test(answer);
  return found.reduce((restored, { kind, start, end }) => {
    const original = text.slice(start, end);
    const written = json ? JSON.stringify(original).slice(1, -1) : original;
    return restored.replaceAll(placeholder(kind), () => written);
  }, answer);
}
