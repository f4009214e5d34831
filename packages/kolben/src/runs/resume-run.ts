/**
 * Goes on with a run that has stopped, by what it was told when it began.
 *
 * @module
 */
import { resolve } from 'node:path';
import { KolbenError } from '@kolben/engine/error';
import type { Run } from '@kolben/store';
import type { Context, Output } from '../cli/command.ts';
import { type DistillArgs, runDistill } from '../commands/distill.ts';
import type { StoreChoice } from '../config/with-store.ts';
import type { Begun } from '../distilling/begun.ts';
import { settingsOf } from './run-settings.ts';

/** @throws KolbenError where it is at work, or done */
export function assertResumable({ id, state }: Pick<Run, 'id' | 'state'>): void {
  if (state === 'running')
    throw new KolbenError('run_at_work', `The run ${id} is at work: 'kolben runs stop ${id}' stops it.`);
  if (state === 'done')
    throw new KolbenError('run_done', `The run ${id} is done: there is nothing to go on with.`);
}

/** What `runDistill` is to be given. */
export interface ResumedRun {
  readonly args: DistillArgs;
  readonly cwd: string;
  readonly begun: Begun;
}

/** @param choice where the run's store is */
export function resumedRun(run: Run, choice: StoreChoice, cwd: string): ResumedRun {
  const { by, args, cwd: begunIn, asOf } = settingsOf(run);
  const isFile = args.examples !== undefined;
  // Paths were typed in another folder, perhaps.
  const place = (name: string) =>
    typeof args[name] === 'string' && begunIn !== cwd ? { [name]: resolve(begunIn, args[name]) } : {};
  return {
    args: {
      _: [],
      ...args,
      ...place('examples'),
      ...place('out'),
      ...(typeof args.base === 'string' && args.base.startsWith('.') ? place('base') : {}),
      ...(choice.config === undefined ? {} : { config: resolve(cwd, choice.config) }),
      // The store of a training on a file is that of the configuration.
      ...(choice.data === undefined || (isFile && args.label !== true)
        ? {}
        : { data: resolve(cwd, choice.data) }),
    } as unknown as DistillArgs,
    cwd: begunIn,
    begun: {
      ...{ by, run: { id: run.id, resume: true } },
      ...(asOf !== undefined && { asOf: new Date(asOf) }),
    },
  };
}

/** @throws KolbenError as `kolben distill` does, and where there is nothing to go on with */
export function resumeRun(run: Run, choice: StoreChoice, context: Context): Promise<Output> {
  assertResumable(run);
  const { args, cwd, begun } = resumedRun(run, choice, context.cwd);
  return runDistill(args, { ...context, cwd }, begun);
}
