/**
 * Finds the task that a call belongs to (decision 0022).
 *
 * The header `x-kolben-task` names it; without the header the model does, as `kolben/<task>`. With the header the
 * model may be whatever the application has asked for until today, so that a running application can be moved
 * behind the gateway by a base URL and a header alone. Only where both name a task must they name the same.
 *
 * @module
 */
import { ApiError } from '../server/api-error.ts';
import type { Task } from './task.ts';

const prefix = 'kolben/';

/** How the API calls a task. */
export function modelName(task: string): string {
  return prefix + task;
}

/**
 * The task of this model and header.
 *
 * @throws ApiError 404 `model_not_found` where there is no such task, 400 where model and header contradict
 */
export function matchTask(
  tasks: ReadonlyMap<string, Task>,
  model: unknown,
  header: string | undefined,
): Task {
  const fromModel =
    typeof model === 'string' && model.startsWith(prefix) ? model.slice(prefix.length) : undefined;
  if (header !== undefined && fromModel !== undefined && fromModel !== header) {
    const message = 'The model and the header x-kolben-task name two different tasks; leave one of them out.';
    throw new ApiError(400, 'task_contradiction', message, { type: 'invalid_request_error', param: 'model' });
  }
  const name = header ?? fromModel;
  if (name === undefined && (typeof model !== 'string' || model === '')) {
    const message = `The request names no model: set "model" to ${listOf(tasks)}.`;
    throw new ApiError(400, 'model_missing', message, { type: 'invalid_request_error', param: 'model' });
  }
  const task = name === undefined ? undefined : tasks.get(name);
  if (task) return task;
  const what = header === undefined ? 'The model' : 'The task in the header x-kolben-task';
  const message = `${what} does not exist here; what there is: ${listOf(tasks)}.`;
  throw new ApiError(404, 'model_not_found', message, { type: 'invalid_request_error', param: 'model' });
}

function listOf(tasks: ReadonlyMap<string, Task>): string {
  return [...tasks.keys()].map(modelName).join(', ') || 'nothing yet (the configuration has no tasks)';
}
