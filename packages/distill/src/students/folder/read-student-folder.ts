/**
 * Reads a student folder, and refuses one that is not whole or not as it was written.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { configOf, configSchema, contentsOf } from '../words-and-bag/config-file.ts';
import { tokenizerFiles } from '../words-and-bag/tokenizer-files.ts';
import { readWeights } from '../words-and-bag/weights-file.ts';
import {
  configName,
  manifestName,
  modelNames,
  onnxName,
  tokenizerConfigName,
  tokenizerName,
  weightsName,
} from './file-names.ts';
import {
  fileEntry,
  type Manifest,
  manifestFormat,
  manifestSchema,
  manifestVersion,
  studentDigest,
} from './manifest.ts';
import type { StudentContents } from './student-contents.ts';
import { StudentFolderError, systemCode } from './student-folder-error.ts';

export interface StudentFolder extends StudentContents {
  /** The model as it answers. */
  readonly onnx: Uint8Array;
  readonly digest: string;
}

/** @throws StudentFolderError, SafetensorsError: both name the file and what is wrong with it */
export async function readStudentFolder(directory: string): Promise<StudentFolder> {
  const manifest = await readManifest(directory);
  const files = await readModels(directory, manifest);
  const path = (name: string) => join(directory, name);

  const config = parse(configSchema, files[configName], path(configName));
  const { shape, temperature } = contentsOf(config);
  const { task, certificate, reason, lineage, measurements, digest } = manifest;
  if (!isDeepStrictEqual(config, configOf({ task, shape, temperature })))
    throw damaged(path(configName), `its labels are not those in ${manifestName}`);
  // The fast path from text to bytes must be the one that the folder tells everybody else.
  const tokenizer = tokenizerFiles(shape.byteLimit);
  for (const [name, own] of [
    [tokenizerName, tokenizer.tokenizer],
    [tokenizerConfigName, tokenizer.config],
  ] as const) {
    if (!isDeepStrictEqual(parse(z.unknown(), files[name], path(name)), own))
      throw new StudentFolderError(
        'student_folder_version',
        path(name),
        'this version of Kolben turns texts into bytes in another way; use the version named in kolben.json, or distil the student again',
      );
  }
  try {
    const weights = readWeights(files[weightsName], shape, path(weightsName));
    return {
      task,
      shape,
      ...weights,
      temperature,
      certificate,
      reason,
      lineage,
      measurements,
      onnx: files[onnxName],
      digest,
    };
  } catch (error) {
    if (error instanceof RangeError) throw damaged(path(weightsName), error.message);
    throw error;
  }
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
  const head = parse(
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
  const manifest = parse(manifestSchema, bytes, path);
  if (manifest.digest !== studentDigest(manifest))
    throw damaged(path, 'its task, certificate or list of files has been changed since it was written');
  return manifest;
}

type ModelName = (typeof modelNames)[number];

async function readModels(directory: string, manifest: Manifest): Promise<Record<ModelName, Uint8Array>> {
  const files = new Map<ModelName, Uint8Array>();
  await Promise.all(
    modelNames.map(async (name) => {
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
      const was = manifest.files[name];
      if (is.bytes !== was.bytes)
        throw damaged(path, `it has ${is.bytes} bytes and was written with ${was.bytes}`);
      if (is.digest !== was.digest) throw damaged(path, 'it has been changed since it was written');
      files.set(name, bytes);
    }),
  );
  return Object.fromEntries(files) as Record<ModelName, Uint8Array>;
}

function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw damaged(path, 'it is not JSON');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw damaged(path, `${place}${issue.message.replace(/^[A-Z]/, (letter) => letter.toLowerCase())}`);
}

function damaged(path: string, what: string): StudentFolderError {
  return new StudentFolderError(
    'student_folder_damaged',
    path,
    `${what}; copy the folder again, or distil the student again`,
  );
}

function unreadable(path: string, error: unknown): StudentFolderError {
  const code = systemCode(error) ?? 'unknown error';
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'you may not read it; change its permissions'
      : `it cannot be read (${code}); check the disk`;
  return new StudentFolderError('student_folder_unreadable', path, why, { cause: error });
}
