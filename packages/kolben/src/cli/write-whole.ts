/**
 * Writes a file that the user named: the whole of it, or nothing.
 *
 * @module
 */
import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { KolbenError } from '@kolben/engine/error';

/** What the system's codes mean to somebody who named a file. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENAMETOOLONG: 'its name is too long',
  special: 'it is a device or a pipe',
};

/**
 * Puts `text` into `file`, a path from `cwd`, in place of what was there; what was there stays if that fails. Behind a
 * symbolic link, the file that it leads to is replaced.
 *
 * @param option the one that named the file, for the sentence of the failure
 * @throws KolbenError (`file_unwritable`)
 */
export async function writeWhole(option: string, file: string, text: string, cwd: string): Promise<void> {
  try {
    // What ends in a slash can only be a folder, whether it is there or not.
    if (/[/\\]$/.test(file)) throw refusal('EISDIR');
    const { replaceFile } = await import('@kolben/engine');
    await replaceFile(await replaceable(resolve(cwd, file)), new TextEncoder().encode(text));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new KolbenError(
      'file_unwritable',
      `${option} ${file} cannot be written: ${reasons[code] ?? `the system says ${code}`}. Name a file in a folder that exists and that you may write to.`,
      { cause: error },
    );
  }
}

/** Where the file lies. A folder, a device or a pipe must not be replaced by a file. */
async function replaceable(path: string): Promise<string> {
  await stat(dirname(path));
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found) return path;
  if (found.isDirectory()) throw refusal('EISDIR');
  if (!found.isFile()) throw refusal('special');
  return realpath(path);
}

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code });
}
