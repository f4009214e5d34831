/**
 * Makes the folder of a store, readable for its owner only, and sees to it that what was named in it stays named.
 *
 * @module
 */
import { mkdir, open, stat } from 'node:fs/promises';
import { StoreUnwritableError } from './errors.ts';

/** A folder that exists keeps its rights: it may be somebody's home. The files in it are closed in any case. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (!(await stat(directory)).isDirectory()) throw new Error('it is a file');
  } catch (cause) {
    throw new StoreUnwritableError(
      `The folder ${directory} can't be made (${cause instanceof Error ? cause.message : String(cause)}); ` +
        'choose another one, or make it yourself and give it to the user Kolben runs as.',
      { cause },
    );
  }
}

/** So that a power cut doesn't take a new name away. Windows has no such call and needs none. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
