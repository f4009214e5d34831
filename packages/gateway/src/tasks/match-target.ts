/**
 * Finds what a call is for (decisions 0022 and 0202).
 *
 * The header `x-kolben-task` names a task; without the header the model does, as `kolben/<task>`. With the header the
 * model may be whatever the application has asked for until today, so that a running application can be moved
 * behind the gateway by a base URL and a header alone. Only where both name a task must they name the same.
 *
 * Without the header the model may also be a registered student, `student/<id>`, or a teacher, `<provider>/<model>`.
 *
 * @module
 */
import { ApiError } from '../server/api-error.ts';
import { modelName, studentPrefix, taskPrefix } from './model-names.ts';
import { type Target, targetOf } from './target.ts';
import type { Task } from './task.ts';

/** What there is to choose from. */
export interface Choice {
  tasks: ReadonlyMap<string, Task>;
  /** The teacher of this name, `<provider>/<model>`, where it can be asked. */
  teacher(name: string): Target | undefined;
  /** The registered student of this id, where its task is one of these. */
  student(id: string): Promise<Target | undefined>;
  /** Every teacher that can be named, `<provider>/<model>`. */
  teachers(): { name: string; provider: string }[];
  /** Every student that can be named, `student/<id>`, and when it was registered, Unix seconds. */
  students(): Promise<{ name: string; created: number }[]>;
}

/**
 * What this model and header name.
 *
 * @throws ApiError 404 `model_not_found` where there is no such thing, 400 where model and header contradict
 */
export async function matchTarget(
  choice: Choice,
  model: unknown,
  header: string | undefined,
): Promise<Target> {
  const { tasks } = choice;
  const fromModel =
    typeof model === 'string' && model.startsWith(taskPrefix) ? model.slice(taskPrefix.length) : undefined;
  if (header !== undefined && fromModel !== undefined && fromModel !== header) {
    const message = 'The model and the header x-kolben-task name two different tasks; leave one of them out.';
    throw new ApiError(400, 'task_contradiction', message, { type: 'invalid_request_error', param: 'model' });
  }
  const name = header ?? fromModel;
  if (name !== undefined) {
    const task = tasks.get(name);
    if (task) return targetOf(task);
  } else if (typeof model !== 'string' || model === '') {
    const message = `The request names no model: set "model" to ${listOf(tasks)}.`;
    throw new ApiError(400, 'model_missing', message, { type: 'invalid_request_error', param: 'model' });
  } else {
    const target = model.startsWith(studentPrefix)
      ? await choice.student(model.slice(studentPrefix.length))
      : choice.teacher(model);
    if (target) return target;
  }
  const what = header === undefined ? 'The model' : 'The task in the header x-kolben-task';
  const message = `${what} does not exist here; what there is: ${listOf(tasks)}, and what GET /v1/models lists beside.`;
  throw new ApiError(404, 'model_not_found', message, { type: 'invalid_request_error', param: 'model' });
}

function listOf(tasks: ReadonlyMap<string, Task>): string {
  return [...tasks.keys()].map(modelName).join(', ') || 'nothing yet (the configuration has no tasks)';
}
