/**
 * The watch as the console asks it.
 *
 * @module
 */
import type { WatchActs } from '@kolben/console';
import type { Config } from '@kolben/gateway/config';
import type { Store } from '@kolben/store';
import { nextStep } from './next-step.ts';
import { lastStep, undoStep } from './take-step.ts';
import { watchedTask } from './watched-task.ts';

export function watchActs(store: Store, config: Config): WatchActs {
  return {
    async next(task) {
      const watched = await watchedTask(store, config, task);
      const { kind, reason, ...step } = nextStep(watched.state, config.tasks[task]!.watch);
      const canUndo = (await lastStep(store, watched)) !== undefined;
      return {
        ...{ kind, reason, canUndo, refusal: watched.state.refusal?.values ?? null },
        ...('to' in step && { to: step.to }),
      };
    },
    undo: (task, actor) => undoStep({ store, config, task, actor }),
  };
}
