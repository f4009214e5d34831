/**
 * The watch as the console asks it.
 *
 * @module
 */
import type { WatchActs } from '@kolben/console';
import type { Config } from '@kolben/gateway/config';
import type { Store } from '@kolben/store';
import { nextStep } from './next-step.ts';
import { undoStep } from './take-step.ts';
import { watchedTask } from './watched-task.ts';

export function watchActs(store: Store, config: Config): WatchActs {
  return {
    async next(task) {
      const { state } = await watchedTask(store, config, task);
      const step = nextStep(state, config.tasks[task]!.watch);
      return {
        ...{ kind: step.kind, reason: step.reason, refusal: state.refusal?.values ?? null },
        ...(step.kind === 'route' && { to: step.to }),
      };
    },
    undo: (task, actor) => undoStep({ store, config, task, actor }),
  };
}
