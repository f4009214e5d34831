/**
 * Starts `reserve-money.ts` and waits until it has set its money aside.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { programArguments } from '../../../../test/program.ts';

const script = new URL('reserve-money.ts', import.meta.url);

export interface ReservingProcess {
  child: ChildProcess;
  /** Resolves when everything is set aside. */
  holding: Promise<unknown>;
  ended: Promise<unknown>;
}

export function startReserving(directory: string, calls: number, at: Date, accept = false): ReservingProcess {
  const child = spawn(
    process.execPath,
    [...programArguments(script), directory, `${calls}`, at.toISOString(), accept ? 'accept' : ''],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const failed = ended.then(() => {
    throw new Error('The process ended before it had set its money aside.');
  });
  // Once it holds its money, it may end.
  failed.catch(() => {});
  return { child, holding: Promise.race([once(child.stdout!, 'data'), failed]), ended };
}
