/**
 * Writes a run into the store while it trains, so that anybody who shares the store sees it and can stop it.
 *
 * The training never waits for the store and never fails by it: what could not be written is written later, and that it
 * couldn't is said once.
 *
 * @module
 */
import { availableParallelism, cpus, hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { KolbenError } from '@kolben/engine';
import type { NewRun, RunEnd, RunProcess, Runs } from '@kolben/store';
import type { DistillOptions } from '../distill-options.ts';
import { RunDiary } from './run-diary.ts';
import type { RunOutcome } from './run-facts.ts';
import { RunStoppedError } from './run-stopped-error.ts';

/** Between two words to the store, milliseconds. */
const beatMs = 1_000;
/** So long the end of a run waits for a store that doesn't answer, milliseconds. */
const patienceMs = 10_000;

export interface RecordRunOptions extends Omit<NewRun, 'process' | 'id'> {
  readonly runs: Runs;
  /** The run's id, of `newRunId`. */
  readonly id: string;
  /** Whether it goes on with a run that is there. Default false. */
  readonly resume?: boolean | undefined;
  /** Whether this process holds what keeps others from this training. Default false. */
  readonly isAlone?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Is given a sentence where the store can't be reached. */
  readonly warn: (sentence: string) => void;
}

/** What a training has to be given so that it is recorded, and ends when somebody wants it to. */
export type RunHooks = Required<Pick<DistillOptions, 'signal' | 'onProgress' | 'onDataset' | 'listener'>>;

/**
 * @param work trains; is given the hooks, and says what came of it
 * @throws KolbenError (`run_not_resumable`), and what `work` throws: RunStoppedError where somebody wanted it to end
 */
export async function recordRun<T>(
  { runs, id, resume = false, isAlone = false, signal, warn, ...about }: RecordRunOptions,
  work: (hooks: RunHooks) => Promise<{ readonly result: T; readonly outcome: RunOutcome }>,
): Promise<T> {
  const diary = new RunDiary();
  const stopping = new AbortController();
  let begun = false;
  let isSilent = false;
  /** Whether it was written; what the store throws is said once for each time that it is away. */
  const tell = async (write: () => Promise<unknown>): Promise<boolean> => {
    try {
      if (!begun) {
        await runs.begin({ ...about, id, process: processFacts() });
        begun = true;
      }
      await write();
      isSilent = false;
      return true;
    } catch (error) {
      if (!isSilent) warn(`This run can't be written into the store for now, and goes on: ${wordsOf(error)}`);
      isSilent = true;
      return false;
    }
  };
  if (resume) {
    if (!(await runs.goOn(id, processFacts(), { isAlone })))
      throw new KolbenError(
        'run_not_resumable',
        `There is no run ${id} to go on with: it is at work, it is done, or it is not in this store.`,
      );
    begun = true;
  }
  const note = async () => {
    const change = diary.take();
    const isTold = await tell(async () => {
      if (await runs.note(id, change)) stopping.abort(new RunStoppedError(id));
    });
    if (!isTold) diary.putBack(change);
  };
  const beat = beating(note);
  const end = async (how: RunEnd, facts: RunOutcome | Record<string, never>) => {
    const written = (async () => {
      await beat.stop();
      await note();
      await tell(() => runs.end(id, how, { ...facts }));
    })();
    const waiting = new AbortController();
    const patience = sleep(patienceMs, undefined, { signal: waiting.signal }).catch(() => {});
    await Promise.race([written, patience]).finally(() => waiting.abort());
  };
  try {
    const { result, outcome } = await work({
      signal: signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal,
      onProgress: diary.onProgress,
      onDataset: diary.onDataset,
      listener: diary.listener,
    });
    await end('done', outcome);
    return result;
  } catch (error) {
    if (signal?.aborted || stopping.signal.aborted) await end('stopped', {});
    else
      await end(
        'failed',
        KolbenError.isInstance(error) ? { code: error.code, values: error.values } : { code: 'unexpected' },
      );
    throw error;
  }
}

/** Calls `note` at once and again and again, one call at a time, until it is stopped. */
function beating(note: () => Promise<void>): { stop(): Promise<void> } {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();
  const beat = () => {
    under = note().finally(() => {
      if (isOver) return;
      timer = setTimeout(beat, beatMs);
      timer.unref();
    });
  };
  beat();
  return {
    stop: () => {
      isOver = true;
      clearTimeout(timer);
      return under;
    },
  };
}

function processFacts(): RunProcess {
  return {
    ...{ host: hostname(), pid: process.pid, node: process.versions.node },
    ...{ cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism() },
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
