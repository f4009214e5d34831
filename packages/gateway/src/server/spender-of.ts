/**
 * A call as its money sees it.
 *
 * @module
 */
import type { Spender } from '../budgets/purse.ts';
import { usualBounds } from '../config/budget-schema.ts';
import type { Arrival } from './open-call.ts';

export function spenderOf(
  arrival: Pick<Arrival, 'id' | 'at' | 'key' | 'endpoint' | 'target' | 'text' | 'request'>,
): Spender {
  const { id, at, key, endpoint, text, request } = arrival;
  const { task } = arrival.target;
  return {
    id,
    at,
    key,
    endpoint,
    text,
    request,
    task: task && { name: task.name, budget: task.config.budget },
    bounds: task?.config.bounds ?? usualBounds,
  };
}
