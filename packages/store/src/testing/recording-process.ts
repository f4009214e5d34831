/**
 * Starts `record-calls.ts`, or another that prints lines, and listens to it.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programArguments } from '../../../../test/program.ts';

/** A program beside this file. */
const command = (name: string) => [process.execPath, ...programArguments(new URL(name, import.meta.url))];

export const recordCommand = command('record-calls.ts');
export const rotateCommand = command('rotate-key.ts');

export interface RecordingProcess {
  child: ChildProcess;
  /** What it has acknowledged so far. */
  acknowledged: string[];
  /** Resolves when it has acknowledged so many, or has ended before. */
  reached(n: number): Promise<void>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

export function startRecording(directory: string, calls: number, characters: number): RecordingProcess {
  return listen(
    spawn(recordCommand[0]!, [...recordCommand.slice(1), directory, `${calls}`, `${characters}`]),
  );
}

export function listen(child: ChildProcess): RecordingProcess {
  const acknowledged: string[] = [];
  const waiting = new Set<{ n: number; resolve: () => void }>();
  const lines = createInterface({ input: child.stdout! });
  lines.on('line', (line) => {
    acknowledged.push(line);
    for (const entry of waiting) if (acknowledged.length >= entry.n) entry.resolve();
  });
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = Promise.all([once(child, 'close'), once(lines, 'close')]).then(([[code, signal]]) => {
    for (const entry of waiting) entry.resolve();
    return { code, signal, stderr };
  });
  return {
    child,
    acknowledged,
    ended,
    reached: (n) =>
      acknowledged.length >= n
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.add({ n, resolve });
          }),
  };
}
