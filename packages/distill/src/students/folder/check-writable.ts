/**
 * Whether a student folder could be written: asked before hours of work, not after.
 *
 * @module
 */
import { mkdir, open, readdir, readFile, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileNames, manifestName } from './file-names.ts';
import { besideName, clearLeftovers } from './leftovers.ts';
import { refusedWrite, StudentFolderError, systemCode } from './student-folder-error.ts';

/**
 * Tries it out, and leaves nothing behind; what killed writers have left there is cleared away.
 *
 * @throws StudentFolderError when there is something else in its place, or the system refuses
 */
export async function checkWritable(directory: string): Promise<void> {
  try {
    const target = await resolveTarget(directory);
    await clearLeftovers(target);
    await checkReplaceable(target, directory);
    const created = await mkdir(dirname(target), { recursive: true });
    const trial = besideName(target, 'partial');
    try {
      await mkdir(trial);
      const file = await open(join(trial, 'trial'), 'wx');
      try {
        // More than what fits into a directory entry: a full disk shows.
        await file.writeFile(Buffer.alloc(65_536));
        await file.sync();
      } finally {
        await file.close();
      }
    } finally {
      await rm(trial, { recursive: true, force: true });
      if (created !== undefined) await removeEmpty(dirname(target), created);
    }
  } catch (error) {
    throw refusedWrite(error, directory);
  }
}

/** Where the folder lies, behind symbolic links. */
export async function resolveTarget(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return resolve(directory);
    throw error;
  }
}

/** @throws StudentFolderError unless there is nothing, an empty folder, or a student folder with nothing else in it */
export async function checkReplaceable(target: string, directory: string): Promise<void> {
  const existing = await stat(target).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!existing) return;
  if (!existing.isDirectory())
    throw new StudentFolderError(
      'student_folder_is_a_file',
      directory,
      'a file of that name is in the way; choose another folder, or move the file',
    );
  const entries = await readdir(target);
  if (entries.length === 0) return;
  if (entries.includes('onnx'))
    entries.push(...(await readdir(join(target, 'onnx'))).map((name) => `onnx/${name}`));
  const foreign = entries.find((name) => !ownNames.has(name));
  if (foreign !== undefined || !(await isManifest(join(target, manifestName))))
    throw new StudentFolderError(
      'student_folder_foreign',
      directory,
      foreign === undefined
        ? 'the folder is there and holds no whole student; choose another folder, or delete this one'
        : `the folder holds something that is not a student's (${JSON.stringify(foreign)}) and would be replaced; choose another folder, or empty this one`,
    );
}

/** What may stand in a folder that is replaced; file managers leave the last one behind. */
const ownNames = new Set([...fileNames, 'onnx', '.DS_Store']);

async function isManifest(file: string): Promise<boolean> {
  try {
    const manifest: unknown = JSON.parse(await readFile(file, 'utf8'));
    return (
      typeof manifest === 'object' &&
      manifest !== null &&
      'format' in manifest &&
      manifest.format === 'kolben-student'
    );
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes the folders from `inner` up to `outer` as long as they are empty. */
async function removeEmpty(inner: string, outer: string): Promise<void> {
  for (let folder = inner; ; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
    if (folder === outer) return;
  }
}
