/**
 * Starts `reserve-money.ts` and waits until it has set its money aside.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const script = fileURLToPath(new URL('reserve-money.ts', import.meta.url));

export interface ReservingProcess {
  child: ChildProcess;
  /** Resolves when everything is set aside. */
  holding: Promise<unknown>;
  ended: Promise<unknown>;
}

export function startReserving(directory: string, calls: number, at: Date): ReservingProcess {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=source', script, directory, `${calls}`, at.toISOString()],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, holding: once(child.stdout!, 'data'), ended: once(child, 'close') };
}
