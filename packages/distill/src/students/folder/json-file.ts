/**
 * JSON files of a student folder.
 *
 * @module
 */
import { join } from 'node:path';
import type { z } from 'zod';
import type { ModelFiles } from '../family.ts';
import { damaged } from './student-folder-error.ts';

export function jsonFile(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** @throws StudentFolderError for what is no JSON, or not of the schema */
export function parseJson<T>(schema: z.ZodType<T>, bytes: Uint8Array, path: string): T {
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

/** The same of a file by its name in the folder. */
export function parseFile<T>(schema: z.ZodType<T>, files: ModelFiles, name: string, directory: string): T {
  const bytes = files.get(name);
  const path = join(directory, name);
  if (bytes === undefined) throw damaged(path, 'it is not among the files of the student');
  return parseJson(schema, bytes, path);
}
