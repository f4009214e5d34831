/**
 * Teaches the estimators from the calls that are recorded already, so that a gateway that has just been started
 * estimates as well as one that never stopped.
 *
 * @module
 */
import type { Store } from '@kolben/store';
import { type Log, reasonOf } from '../log/log.ts';
import type { Task } from '../tasks/task.ts';
import { learnUsage } from './charge.ts';

const callsPerTask = 200;

/** Reads each task's latest calls. A store that can't be read leaves the estimators at their rule of thumb. */
export async function learnFromStore(
  tasks: Iterable<Task>,
  store: Pick<Store, 'calls'>,
  log: Log,
): Promise<void> {
  for (const task of tasks) {
    try {
      for (const call of await store.calls.list({ task: task.name, limit: callsPerTask })) {
        if (
          call.endpoint !== 'chat' ||
          call.answeredBy !== 'teacher' ||
          call.status !== 'ok' ||
          call.usage.estimated
        )
          continue;
        if (call.request && call.response) learnUsage(task, call.request, call.response);
      }
    } catch (error) {
      log.error('calls_not_read', { task: task.name, reason: reasonOf(error) });
    }
  }
}
