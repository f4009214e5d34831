/**
 * Writes a dataset to a folder of its own: whole or not at all, and never over another one.
 *
 * @module
 */
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { type Dataset, type DatasetExample, SPLITS } from '../dataset.ts';
import { DatasetFolderError, systemCode } from './dataset-folder-error.ts';
import { manifestFormat, manifestName, manifestVersion, splitFile } from './manifest.ts';

const LINES_AT_ONCE = 2000;

/**
 * `dataset.json` and a file of JSON Lines to each split, which only their owner may read: the words are private.
 *
 * @throws DatasetFolderError when something stands there already or the system refuses to write; the signal's reason
 *   when aborted. Nothing is left of it then.
 */
export async function writeDataset(
  directory: string,
  dataset: Dataset,
  { signal }: { signal?: AbortSignal } = {},
): Promise<void> {
  const target = resolve(directory);
  const partial = join(dirname(target), `.${basename(target)}.partial-${process.pid}-${Date.now()}`);
  try {
    await assertFree(target, directory);
    await mkdir(dirname(target), { recursive: true });
    await mkdir(partial, { mode: 0o700 });
    try {
      for (const split of SPLITS) {
        await writeLines(join(partial, splitFile(split)), linesOf(dataset.splits[split]), signal);
      }
      await writeLines(
        join(partial, manifestName),
        [`${JSON.stringify(manifestOf(dataset), null, 2)}\n`],
        signal,
      );
      // An empty folder may stand there; a full one makes the renaming fail.
      await rmdir(target).catch(() => {});
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw taken(directory);
    const why = code === 'ENOSPC' ? 'the disk is full' : code;
    throw new DatasetFolderError(
      'dataset_folder_unwritable',
      directory,
      `it cannot be written (${why}); choose another folder`,
      { cause: error },
    );
  }
}

async function assertFree(target: string, directory: string): Promise<void> {
  try {
    if ((await readdir(target)).length > 0) throw taken(directory);
  } catch (error) {
    const code = systemCode(error);
    // A file stands there, or on the way there.
    if (code === 'ENOTDIR' && (await stat(target).catch(() => undefined))) throw taken(directory);
    if (code !== 'ENOENT') throw error;
  }
}

function taken(directory: string): DatasetFolderError {
  return new DatasetFolderError(
    'dataset_folder_taken',
    directory,
    'something stands here already, and a dataset is never changed; choose another folder',
  );
}

function* linesOf(examples: readonly DatasetExample[]): Generator<string> {
  for (let start = 0; start < examples.length; start += LINES_AT_ONCE) {
    const lines = examples
      .slice(start, start + LINES_AT_ONCE)
      .map((example) => `${JSON.stringify(example)}\n`);
    yield lines.join('');
  }
}

async function writeLines(file: string, pieces: Iterable<string>, signal?: AbortSignal): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    for (const piece of pieces) {
      signal?.throwIfAborted();
      await handle.appendFile(piece);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A folder is handed on; where its examples lay on somebody's machine is nobody else's business. */
function manifestOf({ splits: _, digest, parent, source, ...rest }: Dataset): object {
  return {
    format: manifestFormat,
    version: manifestVersion,
    digest,
    parent,
    ...rest,
    source: source !== null && isAbsolute(source) ? basename(source) : source,
  };
}
