/**
 * The processes of the bench: each speaks in lines, lives as long as its input, and is asked how it is by the system.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { KolbenError } from '@kolben/engine';

export interface Running {
  readonly name: string;
  /** Its next line, as JSON. @throws KolbenError (`bench_process`) where it has ended */
  next<T>(): Promise<T>;
  /** Says a line and waits for one. */
  ask<T>(line: string): Promise<T>;
  usage(): Promise<ProcessUsage>;
  /** Resolves when it has ended. */
  end(): Promise<void>;
}

export interface ProcessUsage {
  /** Resident memory, MiB; null where the system doesn't tell (it does on Linux). */
  memoryMiB: number | null;
  /** Time on cores of all its threads since its beginning, seconds; null likewise. */
  cpuSeconds: number | null;
}

/** Runs a script of this folder. */
export function runOurs(script: string, args: readonly string[] = []): Running {
  return run(script, fileURLToPath(new URL(`./${script}.js`, import.meta.url)), args);
}

export function run(name: string, file: string, args: readonly string[]): Running {
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin!.on('error', () => {});
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done)
      throw new KolbenError('bench_process', `The process ${name} has ended; what it wrote above says why.`);
    return JSON.parse(value) as T;
  };
  return {
    name,
    next,
    ask: (line) => {
      child.stdin!.write(`${line}\n`);
      return next();
    },
    usage: () => usageOf(child.pid!),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin!.end();
      await once(child, 'exit');
    },
  };
}

/** Of a process that has no line to say and doesn't end with its input. */
export function runForeign(
  name: string,
  file: string,
  args: readonly string[],
): Omit<Running, 'next' | 'ask'> {
  const child = spawn(process.execPath, [file, ...args], { stdio: 'ignore' });
  const stop = () => child.kill();
  process.once('exit', stop);
  return {
    name,
    usage: () => usageOf(child.pid!),
    end: async () => {
      process.off('exit', stop);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Linux counts processors' time in hundredths of a second, whatever the machine. */
const ticksPerSecond = 100;

async function usageOf(pid: number): Promise<ProcessUsage> {
  try {
    const [status, stat] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    const memory = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    // The second field is the program's name in brackets, which may hold anything; user and system time are the
    // 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      memoryMiB: memory === undefined ? null : Number(memory) / 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return { memoryMiB: null, cpuSeconds: null };
  }
}
