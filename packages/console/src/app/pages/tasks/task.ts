/**
 * What the API says of a task.
 *
 * @module
 */
import type { InferResponseType } from 'hono/client';
import type { api } from '../../lib/api.ts';

export type Task = InferResponseType<(typeof api.tasks.one)[':task']['$get'], 200>;
