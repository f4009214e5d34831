/**
 * Who begins a training, and what the store is told of it.
 *
 * @module
 */
import type { Context } from '../cli/command.ts';
import type { KnownRun } from '../runs/record-training.ts';
import { type RunSettings, typedArgs } from '../runs/run-settings.ts';

/** Who begins a training, and of which run, where that is known beforehand. */
export interface Begun {
  readonly by: RunSettings['by'];
  readonly run?: KnownRun | undefined;
  /** Of recorded calls: those that came in later are left out. Default: now. */
  readonly asOf?: Date | undefined;
}

export function settingsFor(
  args: Readonly<Record<string, unknown>>,
  { cwd }: Context,
  { by }: Begun,
): RunSettings {
  return { by, args: typedArgs(args), cwd };
}
