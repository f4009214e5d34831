/**
 * Records a training as a run where there is a store to record it in.
 *
 * @module
 */
import type { DistillOptions, DistillReport, RunHooks, RunOutcome } from '@kolben/distill';
import type { RunSource, Store } from '@kolben/store';
import type { RunSettings } from './run-settings.ts';

/** Which run a training is, where that is known beforehand. */
export interface KnownRun {
  readonly id: string;
  /** Whether it goes on with a run that is there already. */
  readonly resume: boolean;
  /** Whether nobody else can be at it. */
  readonly isAlone?: boolean | undefined;
}

export interface RecordTrainingOptions {
  /** Undefined: nothing is recorded. */
  readonly store: Store | undefined;
  readonly task: string;
  readonly source: RunSource;
  readonly settings: RunSettings;
  readonly run?: KnownRun | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: DistillOptions['onProgress'] | undefined;
  /** Is given a sentence where the store can't be reached. */
  readonly note: (sentence: string) => void;
}

/** What a training takes: those of the hooks that there are. */
export type TrainingHooks = Partial<Pick<RunHooks, 'signal' | 'onProgress' | 'onDataset' | 'listener'>>;

/** @throws KolbenError (`run_not_resumable`), RunStoppedError where somebody wanted it to end, and what `work` throws */
export async function recordTraining<T>(
  { store, task, source, settings, run, signal, onProgress, note }: RecordTrainingOptions,
  work: (hooks: TrainingHooks) => Promise<{ readonly result: T; readonly outcome: RunOutcome }>,
): Promise<T> {
  if (store === undefined)
    return (await work({ ...(signal && { signal }), ...(onProgress && { onProgress }) })).result;
  const [{ recordRun }, { newRunId }] = await Promise.all([
    import('@kolben/distill'),
    import('@kolben/store'),
  ]);
  return recordRun(
    {
      ...{ runs: store.runs, id: run?.id ?? newRunId(), resume: run?.resume, isAlone: run?.isAlone },
      ...{ task, source, signal },
      settings: { ...settings },
      warn: note,
    },
    (hooks) =>
      work({
        ...hooks,
        onProgress: (progress) => {
          hooks.onProgress(progress);
          onProgress?.(progress);
        },
      }),
  );
}

/** What the store keeps of a report. */
export function outcomeOf(
  { details, test, certificate }: DistillReport,
  { folder, id = null }: { readonly folder: string; readonly id?: string | null },
): RunOutcome {
  return {
    student: { id, digest: details.digest, folder },
    agreement: test.agreement,
    certificate: certificate && {
      ...{ alpha: certificate.alpha, delta: certificate.delta, coverage: certificate.coverage },
    },
  };
}
