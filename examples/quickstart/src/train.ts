/**
 * Distils the student from the recorded calls, and keeps what a later step or a later run needs to know of it.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { type DistillReport, distill, type Example, type Progress, showDistill } from 'kolben';
import { alpha, seed, task } from './settings.ts';
import { type Folder, writeWhole } from './state.ts';

export interface TrainOptions {
  examples: AsyncIterable<Example>;
  /** `provider/model`. */
  teacher: string;
  folder: Folder;
  /** Seconds. */
  timeBudget: number;
  progress: Progress;
  signal: AbortSignal;
}

export async function train(options: TrainOptions): Promise<DistillReport> {
  const { examples, teacher, folder, timeBudget, progress, signal } = options;
  await rm(folder.student, { recursive: true, force: true });
  const shown = showDistill(progress);
  try {
    const report = await distill({
      examples,
      out: folder.student,
      task,
      alpha,
      seed,
      timeBudget,
      source: `the recorded calls of ${task}`,
      teachers: [teacher],
      signal,
      onProgress: shown.onProgress,
    });
    await writeWhole(folder.training, JSON.stringify(report));
    return report;
  } finally {
    shown.end();
  }
}

/** What an interrupted run had trained; undefined where it had not come so far. */
export async function earlierTraining(folder: Folder): Promise<DistillReport | undefined> {
  if (!existsSync(folder.training) || !existsSync(folder.student)) return undefined;
  return JSON.parse(await readFile(folder.training, 'utf8')) as DistillReport;
}
