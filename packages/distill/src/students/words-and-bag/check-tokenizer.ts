/**
 * Whether a folder turns texts into bytes as this version does: the fast path must be the one that the folder tells
 * everybody else.
 *
 * @module
 */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { ModelFiles } from '../family.ts';
import { tokenizerConfigName, tokenizerName } from '../folder/file-names.ts';
import { parseFile } from '../folder/json-file.ts';
import { StudentFolderError } from '../folder/student-folder-error.ts';
import type { tokenizerFiles } from './tokenizer-files.ts';

/** @throws StudentFolderError where it doesn't, naming the file */
export function checkTokenizer(
  files: ModelFiles,
  { tokenizer, config }: ReturnType<typeof tokenizerFiles>,
  directory: string,
): void {
  for (const [name, own] of [
    [tokenizerName, tokenizer],
    [tokenizerConfigName, config],
  ] as const) {
    if (!isDeepStrictEqual(parseFile(z.unknown(), files, name, directory), own))
      throw new StudentFolderError(
        'student_folder_version',
        join(directory, name),
        'this version of Kolben turns texts into bytes in another way; use the version named in kolben.json, or distil the student again',
      );
  }
}
