/**
 * `GET /v1/models`: the tasks, as models.
 *
 * @module
 */
import { modelName } from '../tasks/match-task.ts';
import type { Task } from '../tasks/task.ts';

export interface Model {
  id: string;
  object: 'model';
  /** Unix seconds; of a task: since when it is served. */
  created: number;
  owned_by: string;
}

export function modelOf(task: Task, created: number): Model {
  return { id: modelName(task.name), object: 'model', created, owned_by: 'kolben' };
}
