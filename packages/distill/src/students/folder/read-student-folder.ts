/**
 * Reads a student folder, and refuses one that is not whole or not as it was written.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ModelName, manifestName } from './file-names.ts';
import { parseJson } from './json-file.ts';
import {
  fileEntry,
  filesListed,
  type Manifest,
  manifestFormat,
  manifestSchema,
  manifestVersion,
  studentDigest,
} from './manifest.ts';
import type { StudentContents } from './student-contents.ts';
import { damaged, StudentFolderError, systemCode } from './student-folder-error.ts';

export interface StudentFolder extends StudentContents {
  readonly digest: string;
}

/**
 * What the files say to each other is checked by whoever opens the model.
 *
 * @throws StudentFolderError that names the file and what is wrong with it
 */
export async function readStudentFolder(directory: string): Promise<StudentFolder> {
  const manifest = await readManifest(directory);
  const files = await readModels(directory, manifest);
  const { family, task, redaction, certificate, reason, refusal, lineage, measurements, digest } = manifest;
  return {
    family,
    task,
    redaction,
    files,
    certificate,
    ...(reason === undefined ? {} : { reason }),
    ...(refusal === undefined ? {} : { refusal }),
    lineage,
    measurements,
    digest,
  };
}

async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, manifestName);
  const folder = await stat(directory).catch((error: unknown) => {
    throw ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
      ? new StudentFolderError(
          'student_folder_missing',
          directory,
          'there is no such folder; check the path',
          { cause: error },
        )
      : unreadable(directory, error);
  });
  if (!folder.isDirectory())
    throw new StudentFolderError(
      'student_folder_not_a_student',
      directory,
      'this is a file; name the folder of a student',
    );
  const bytes = await readFile(path).catch((error: unknown) => {
    throw systemCode(error) === 'ENOENT'
      ? new StudentFolderError(
          'student_folder_not_a_student',
          directory,
          `there is no ${manifestName} in it, so it is not a student; name the folder that \`kolben distill\` wrote`,
          { cause: error },
        )
      : unreadable(path, error);
  });
  const head = parseJson(
    z.looseObject({ format: z.unknown().optional(), version: z.unknown().optional() }),
    bytes,
    path,
  );
  if (head.format !== manifestFormat)
    throw new StudentFolderError(
      'student_folder_not_a_student',
      path,
      'this is not the file of a student; name the folder that `kolben distill` wrote',
    );
  if (head.version !== manifestVersion)
    throw new StudentFolderError(
      'student_folder_version',
      path,
      `it is of version ${JSON.stringify(head.version)}, and this Kolben reads version ${manifestVersion}; use the Kolben that wrote it, or a newer one`,
    );
  const manifest = parseJson(manifestSchema, bytes, path);
  if (manifest.digest !== studentDigest(manifest))
    throw damaged(path, 'its task, certificate or list of files has been changed since it was written');
  return manifest;
}

async function readModels(directory: string, manifest: Manifest): Promise<Map<ModelName, Uint8Array>> {
  const files = await Promise.all(
    filesListed(manifest).map(async ([name, was]): Promise<[ModelName, Uint8Array]> => {
      const path = join(directory, name);
      const bytes = await readFile(path).catch((error: unknown) => {
        throw systemCode(error) === 'ENOENT'
          ? new StudentFolderError(
              'student_folder_file_missing',
              path,
              'this file of the student is missing; copy the whole folder again, or distil the student again',
              { cause: error },
            )
          : unreadable(path, error);
      });
      const is = fileEntry(bytes);
      if (is.bytes !== was.bytes)
        throw damaged(path, `it has ${is.bytes} bytes and was written with ${was.bytes}`);
      if (is.digest !== was.digest) throw damaged(path, 'it has been changed since it was written');
      return [name, bytes];
    }),
  );
  return new Map(files);
}

function unreadable(path: string, error: unknown): StudentFolderError {
  const code = systemCode(error) ?? 'unknown error';
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'you may not read it; change its permissions'
      : `it cannot be read (${code}); check the disk`;
  return new StudentFolderError('student_folder_unreadable', path, why, { cause: error });
}
