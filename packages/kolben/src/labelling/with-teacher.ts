/**
 * Everything that labelling needs of the house, for as long as it lasts: the way to the teacher, the file that keeps what
 * was paid for, the record of earlier calls.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LabelExamplesOptions, LabelSettings, WorkFile } from '@kolben/distill';
import { KolbenError } from '@kolben/engine/error';
import type { Config } from '@kolben/gateway/config';
import type { Store } from '@kolben/store';
import type { LabelChoice } from './label-args.ts';
import { recordedCalls, teacherOf } from './teacher-of.ts';

/** Where the answers are kept until the file `out` is complete. */
export function labelWork(out: string): string {
  return join(dirname(out), `.${basename(out)}.labelling`);
}

export interface TeacherAtHand {
  readonly settings: LabelSettings;
  readonly work: WorkFile;
  /** For `labelExamples` and for the factory. */
  readonly labelling: Omit<
    LabelExamplesOptions,
    'examples' | 'signal' | 'onOutcome' | 'onProgress' | 'drawn'
  >;
}

/**
 * Calls `use` with a teacher that can be asked. Afterwards the gateway is closed; the work file is too, and stays.
 *
 * @param out the file of labelled examples that it will come to
 */
export async function withTeacher<T>(
  { config, store, task, out }: { config: Config; store: Store; task: string; out: string },
  choice: LabelChoice,
  use: (teacher: TeacherAtHand) => Promise<T>,
): Promise<T> {
  const { budget, concurrency, gateway, choose: _, ...asked } = choice;
  const settings: LabelSettings = { ...teacherOf(config, task), ...asked };
  const [{ WorkFile }, { gatewayAsk }, { openOwnDoor, remoteDoor }] = await Promise.all([
    import('@kolben/distill'),
    import('@kolben/gateway'),
    import('./open-door.ts'),
  ]);
  const work = await WorkFile.open(labelWork(out));
  try {
    const door =
      gateway === undefined
        ? await openOwnDoor(config, store, task, concurrency)
        : remoteDoor(gateway, task, process.env);
    const ask = gatewayAsk(door);
    try {
      const recorded = (since: Date) => recordedCalls(store, task, since);
      return await use({
        settings,
        work,
        labelling: { ...settings, ask, work, budget, concurrency, recorded },
      });
    } finally {
      ask.close();
      await door.close();
    }
  } finally {
    await work.close();
  }
}

/** @throws KolbenError where the file would overwrite something that was paid for, or cannot be written */
export async function checkLabelled(option: string, named: string, out: string): Promise<void> {
  const folder = await stat(dirname(out)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new KolbenError(
      'file_unwritable',
      `${option} ${named} cannot be written: its folder does not exist. Name a file in a folder that exists.`,
    );
  if (existsSync(out) && !existsSync(labelWork(out)))
    throw new KolbenError(
      'label_out_exists',
      `${option} ${named} is there already, and what stands in it may have been paid for: name another file, or remove it.`,
    );
}
