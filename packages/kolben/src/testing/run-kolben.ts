/**
 * Runs the built `kolben` as a real process, or its sources in this one.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main } from '../cli/main.ts';

/** The command, as it is installed. */
export const bin = fileURLToPath(new URL('../../bin/kolben.js', import.meta.url));

export interface RunOptions {
  cwd: string;
  input?: string;
  environment?: Readonly<Record<string, string>>;
  /** Called with everything that was written to standard error so far, whenever there is more. */
  onStderr?: (stderr: string, process: ChildProcess) => void;
  onStdout?: (stdout: string, process: ChildProcess) => void;
  /** What runs the process: `strace -f …`. */
  wrapper?: readonly string[];
}

export interface RunResult {
  stdout: string;
  stderr: string;
  /** The exit code; null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Resolves when the process has ended. */
export function runKolben(args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { cwd, input = '', environment = {}, onStderr, onStdout, wrapper = [] } = options;
  const [command, ...rest] = [...wrapper, process.execPath, bin, ...args];
  const child = spawn(command!, rest, { cwd, env: { ...process.env, NODE_OPTIONS: '', ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => {
    stdout += String(piece);
    onStdout?.(stdout, child);
  });
  child.stderr.on('data', (piece) => {
    stderr += String(piece);
    onStderr?.(stderr, child);
  });
  // A process that ends before it reads is no failure of the test.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
}

/**
 * The same command line in this very process, for a test whose many calls are about what is computed and said: starting a
 * process takes longer than they do. What the process has to do with it (signals, pipes, files, its working folder) is
 * not tested so.
 */
export async function callKolben(
  args: readonly string[],
  { cwd = process.cwd(), input = '' }: Partial<Pick<RunOptions, 'cwd' | 'input'>> = {},
): Promise<RunResult> {
  const collected = () => {
    let text = '';
    const stream = new Writable({
      write(piece, _encoding, done) {
        text += String(piece);
        done();
      },
    });
    return { stream, text: () => text };
  };
  const [stdout, stderr] = [collected(), collected()];
  const stdin = Readable.from(input === '' ? [] : [input]);
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const code = await main(args, { stdin, stdout: stdout.stream, stderr: stderr.stream });
    return { stdout: stdout.text(), stderr: stderr.text(), code, signal: null };
  } finally {
    process.chdir(before);
  }
}

/** An empty folder that is removed with `using`-like care by the caller. */
export function emptyFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kolben-cli-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
