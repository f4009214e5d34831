/**
 * Very many calls in a store, put there by a process of the store's own tests (packages/store/src/testing/fill-store.ts,
 * which says what they are): to record them one by one would take most of a minute.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programArguments } from '../../../../test/program.ts';

const script = new URL('../../../store/src/testing/fill-store.ts', import.meta.url);

export async function fillStore(directory: string, calls: number): Promise<void> {
  await promisify(execFile)(process.execPath, [...programArguments(script), directory, String(calls)]);
}
