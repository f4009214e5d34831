/**
 * What a process and its training thread tell each other.
 *
 * @module
 */
import type { ErrorValues } from '@kolben/engine/error';
import type { DistillArgs } from '../../commands/distill.ts';
import type { Begun } from '../../distilling/begun.ts';

/** The thread's data: a training, as `runDistill` takes it. */
export interface TrainingOrder {
  readonly args: DistillArgs;
  readonly cwd: string;
  readonly begun: Begun;
}

/** To the thread: end as by Ctrl-C. */
export const stopWord = 'stop';

export type TrainingWord =
  | { readonly note: string }
  | { readonly ended: true }
  /** `code` is null where it is a fault of Kolben's own. */
  | {
      readonly failed: {
        readonly code: string | null;
        readonly message: string;
        readonly values: ErrorValues;
      };
    };
