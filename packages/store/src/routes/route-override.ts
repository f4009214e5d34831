/**
 * A task's route as it was set at run time; it goes before the configured one. The work is in `routes.ts`.
 *
 * @module
 */
import type { Route } from '../route.ts';

export interface Routes {
  /** The route set at run time; undefined: the configured one holds. */
  get(task: string): Promise<Route | undefined>;
  /** Every route set at run time, by task. */
  list(): Promise<Map<string, Route>>;
  set(task: string, route: Route): Promise<void>;
  /** Back to the configured route. False where none was set. */
  clear(task: string): Promise<boolean>;
}
