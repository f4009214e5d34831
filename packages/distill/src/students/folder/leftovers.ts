/**
 * What a killed writer leaves beside a student folder, and its removal.
 *
 * @module
 */
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemCode } from './student-folder-error.ts';

let siblings = 0;

/** A name beside the folder, on the same disk, that no other writer has and that tells the process. */
export function besideName(target: string, kind: 'partial' | 'replaced'): string {
  return join(dirname(target), `${basename(target)}.${kind}-${process.pid}-${siblings++}`);
}

/** Removes what processes that are gone have begun, and puts back a student that one of them had moved aside. */
export async function clearLeftovers(target: string): Promise<void> {
  const parent = dirname(target);
  const names = await readdir(parent).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const present = new Set(names);
  for (const name of names) {
    const [, kind, pid, number] =
      name.slice(basename(target).length).match(/^\.(partial|replaced)-(\d+)-(\d+)$/) ?? [];
    if (!name.startsWith(basename(target)) || kind === undefined) continue;
    // In a container, a process may well have the number of the one that was killed before it.
    const inUse = Number(pid) === process.pid ? Number(number) < siblings : isAlive(Number(pid));
    if (inUse) continue;
    if (kind === 'replaced' && !present.has(basename(target))) {
      await rename(join(parent, name), target);
      present.add(basename(target));
    } else await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}
