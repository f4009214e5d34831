/**
 * What can be wrong with a student folder, to be written or to be read.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';

export type StudentFolderErrorCode =
  // Writing
  | 'student_folder_disk_full'
  | 'student_folder_not_permitted'
  | 'student_folder_read_only'
  | 'student_folder_in_a_file'
  | 'student_folder_is_a_file'
  | 'student_folder_foreign'
  | 'student_folder_unwritable'
  // Reading
  | 'student_folder_missing'
  | 'student_folder_not_a_student'
  | 'student_folder_file_missing'
  | 'student_folder_damaged'
  | 'student_folder_version'
  | 'student_folder_unreadable'
  | 'student_folder_not_quantised';

export class StudentFolderError extends KolbenError {
  declare readonly code: StudentFolderErrorCode;
  /** The folder or the file in it that the error is about. */
  readonly path: string;

  constructor(code: StudentFolderErrorCode, path: string, what: string, options?: ErrorOptions) {
    super(code, `${path}: ${what}.`, { ...options, values: { path } });
    this.path = path;
  }
}

const refusals: Readonly<Record<string, readonly [StudentFolderErrorCode, string]>> = {
  ENOSPC: [
    'student_folder_disk_full',
    'the disk is full; free some space or choose a folder on another disk',
  ],
  EDQUOT: [
    'student_folder_disk_full',
    'the disk quota is used up; free some space or choose a folder elsewhere',
  ],
  EFBIG: ['student_folder_disk_full', 'files may not grow that large here; choose a folder on another disk'],
  EACCES: [
    'student_folder_not_permitted',
    'you may not write here; change its permissions or choose another folder',
  ],
  EPERM: [
    'student_folder_not_permitted',
    'you may not write here; change its permissions or choose another folder',
  ],
  EROFS: ['student_folder_read_only', 'the disk is mounted read-only; choose a folder on another disk'],
  ENOTDIR: ['student_folder_in_a_file', 'a part of this path is a file, not a folder; choose another folder'],
};

/** A system's refusal to write as one sentence about the folder; anything else as it is. */
export function refusedWrite(error: unknown, directory: string): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof StudentFolderError) return error;
  const [name, what] = refusals[code] ?? [
    'student_folder_unwritable',
    `it cannot be written (${code}); choose another folder`,
  ];
  return new StudentFolderError(name, directory, what, { cause: error });
}

/** The system's name of an error, such as ENOENT; undefined where the system has not failed. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A file of a student that isn't what it was, or contradicts another one. */
export function damaged(path: string, what: string): StudentFolderError {
  return new StudentFolderError(
    'student_folder_damaged',
    path,
    `${what}; copy the folder again, or distil the student again`,
  );
}
