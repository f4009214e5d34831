/**
 * A training on a file of examples, recorded where there is a store.
 *
 * @module
 */
import { resolve } from 'node:path';
import type { DistillOptions, DistillReport } from '@kolben/distill';
import type { Config } from '@kolben/gateway/config';
import type { Context } from '../cli/command.ts';
import { storeAtHand } from '../config/store-at-hand.ts';
import { showDistill } from '../progress/show-distill.ts';
import type { ReportContext } from '../report/from-distill.ts';
import { type KnownRun, outcomeOf, recordTraining } from '../runs/record-training.ts';
import type { RunSettings } from '../runs/run-settings.ts';
import { writeReport } from './write-report.ts';

export interface FileJob {
  options: Omit<DistillOptions, 'signal' | 'onProgress' | 'onDataset' | 'listener'>;
  task: string;
  teacher: ReportContext['teacher'];
  command: string;
  reportFile: string | undefined;
  /** Says where the run is recorded. */
  config: Config | undefined;
  settings: RunSettings;
  run: KnownRun | undefined;
}

export async function distilFile(
  { options, task, teacher, command, reportFile, config, settings, run }: FileJob,
  context: Context,
): Promise<DistillReport> {
  const { distill } = await import('@kolben/distill');
  const store = await storeAtHand(config, (why) => context.note(`This run is not recorded: ${why}`));
  const shown = showDistill(context.progress);
  const { signal, note } = context;
  let report: DistillReport;
  try {
    report = await recordTraining(
      { ...{ store, task, source: 'file', settings, run, signal, note }, onProgress: shown.onProgress },
      async (hooks) => {
        const made = await distill({ ...options, ...hooks });
        return { result: made, outcome: outcomeOf(made, { folder: resolve(context.cwd, options.out) }) };
      },
    );
  } finally {
    shown.end();
    await store?.close();
  }
  if (reportFile !== undefined) {
    await writeReport(reportFile, report, { task, command, teacher });
    context.note(`Report: ${reportFile}`);
  }
  return report;
}
