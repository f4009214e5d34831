/**
 * Where the time goes: for our side by kind of program and operator, for PyTorch by operator.
 *
 * @module
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Contestant } from './contestant.ts';

/** Milliseconds of a step, by operator. */
export type Times = Readonly<Record<string, number>>;

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Steps before those that count, and those. */
const [before, counted] = [3, 6];

/**
 * The kernels' times by program, F, B, W or U, and by operator. What a program takes beside its kernels is
 * `(between kernels)`; what the chips do beside programs (copies, waiting) isn't in it.
 */
export async function profileEngine(
  command: (profileFolder: string) => Command,
  folder: string,
): Promise<Record<string, Times>> {
  const profiles = await mkdtemp(join(folder, 'profile-'));
  const contestant = await Contestant.start(command(profiles));
  try {
    await contestant.step(before);
    await contestant.step(counted);
  } finally {
    await contestant.close();
  }
  const byProgram: Record<string, Record<string, number>> = {};
  for (const file of await readdir(profiles)) {
    const program = /\.program-([FBW])\d+\./.exec(file)?.[1] ?? 'U';
    byProgram[program] ??= {};
    const times = byProgram[program];
    const events: TraceEvent[] = JSON.parse(await readFile(join(profiles, file), 'utf8'));
    for (const [operator, milliseconds] of Object.entries(timesOf(events)))
      times[operator] = (times[operator] ?? 0) + milliseconds;
  }
  await rm(profiles, { recursive: true });
  return byProgram;
}

/** A program's runs are spread evenly over the steps, so the last ones are those of the steps that count. */
function timesOf(events: readonly TraceEvent[]): Record<string, number> {
  const runs = events.filter(({ name }) => name === 'model_run').sort((a, b) => a.ts - b.ts);
  const begin = runs[Math.floor((runs.length * before) / (before + counted))]?.ts ?? Number.POSITIVE_INFINITY;
  const times: Record<string, number> = {};
  const add = (key: string, microseconds: number) => {
    times[key] = (times[key] ?? 0) + microseconds / 1000 / counted;
  };
  for (const { cat, name, ts, dur, args } of events) {
    if (ts < begin) continue;
    if (name === 'model_run') add('(between kernels)', dur);
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    add(args?.op_name ?? 'unknown', dur);
    add('(between kernels)', -dur);
  }
  return times;
}

/** By PyTorch's own profiler, of the first process. */
export async function profileTorch(command: Command): Promise<Times> {
  const contestant = await Contestant.start(command);
  try {
    await contestant.step(before);
    const { operators } = (await contestant.ask(`profile ${counted}`)) as {
      operators: Record<string, { milliseconds: number }>;
    };
    return Object.fromEntries(
      Object.entries(operators).map(([name, { milliseconds }]) => [name, milliseconds]),
    );
  } finally {
    await contestant.close();
  }
}
