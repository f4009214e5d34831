/**
 * Puts a new file or folder where nothing is: whole or not at all.
 *
 * @module
 */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from '../students/folder/student-folder-error.ts';
import { ExportError } from './export-error.ts';

/** Bytes that belong into a file, in parts. */
export type Parts = Iterable<Uint8Array>;

const refusals: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space or choose a place on another disk',
  EDQUOT: 'the disk quota is used up; free some space or choose a place elsewhere',
  EFBIG: 'files may not grow that large here; choose a place on another disk',
  EACCES: 'you may not write here; change its permissions or choose another place',
  EPERM: 'you may not write here; change its permissions or choose another place',
  EROFS: 'the disk is mounted read-only; choose a place on another disk',
  ENOTDIR: 'a part of this path is a file, not a folder; choose another place',
  EEXIST: 'a part of this path is a file, not a folder; choose another place',
};

/** @throws ExportError when the place is taken or the system refuses; the signal's reason when aborted */
export function writeNewFile(out: string, parts: Parts, signal?: AbortSignal): Promise<void> {
  return writeNew(out, (beside) => writeParts(beside, parts, signal));
}

/** @throws as `writeNewFile` does */
export function writeNewFolder(
  out: string,
  files: ReadonlyMap<string, Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  return writeNew(out, async (beside) => {
    await mkdir(beside);
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(beside, name)), { recursive: true });
      await writeParts(join(beside, name), [bytes], signal);
    }
  });
}

/** @throws ExportError when something is there */
export async function checkFree(out: string): Promise<void> {
  const there = await stat(out).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false;
      throw refused(error, out);
    },
  );
  if (there)
    throw new ExportError(
      'export_exists',
      `${out}: there is something of this name; choose another, or remove it.`,
    );
}

async function writeNew(out: string, write: (beside: string) => Promise<void>): Promise<void> {
  const target = resolve(out);
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
  await checkFree(out);
  try {
    await mkdir(dirname(target), { recursive: true });
    try {
      await write(beside);
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw refused(error, out);
  }
}

async function writeParts(path: string, parts: Parts, signal: AbortSignal | undefined): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const part of parts) {
      signal?.throwIfAborted();
      await file.writeFile(part);
    }
    signal?.throwIfAborted();
    await file.sync();
  } finally {
    await file.close();
  }
}

function refused(error: unknown, out: string): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const what = refusals[code] ?? `it cannot be written (${code}); choose another place`;
  return new ExportError('export_unwritable', `${out}: ${what}.`, { cause: error });
}
