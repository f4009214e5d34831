/**
 * Very many calls in a store, put there by a process of the store's own tests (packages/store/src/testing/fill-store.ts,
 * which says what they are): to record them one by one would take most of a minute.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const script = fileURLToPath(new URL('../../../store/src/testing/fill-store.ts', import.meta.url));

export async function fillStore(directory: string, calls: number): Promise<void> {
  const command = ['--import', 'tsx', '--conditions=source', script, directory, String(calls)];
  await promisify(execFile)(process.execPath, command);
}
