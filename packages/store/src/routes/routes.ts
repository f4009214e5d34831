/**
 * Routes set at run time.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { type Route, routes } from '../route.ts';
import type { Routes } from './route-override.ts';

export class StoredRoutes implements Routes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(task: string): Promise<Route | undefined> {
    const row = await this.#database.read
      .selectFrom('task_routes')
      .select('route')
      .where('task', '=', task)
      .executeTakeFirst();
    return row?.route;
  }

  async list(): Promise<Map<string, Route>> {
    const rows = await this.#database.read
      .selectFrom('task_routes')
      .select(['task', 'route'])
      .orderBy('task')
      .execute();
    return new Map(rows.map((row) => [row.task, row.route]));
  }

  async set(task: string, route: Route): Promise<void> {
    if (!routes.includes(route)) {
      throw new StoreValueError(
        `${JSON.stringify(route)} is no route; it must be one of ${routes.join(', ')}.`,
      );
    }
    const set_at = Date.now();
    await this.#database.exclusively((transaction) =>
      transaction
        .insertInto('task_routes')
        .values({ task, route, set_at })
        .onConflict((conflict) => conflict.column('task').doUpdateSet({ route, set_at }))
        .execute(),
    );
  }

  async clear(task: string): Promise<boolean> {
    const result = await this.#database.exclusively((transaction) =>
      transaction.deleteFrom('task_routes').where('task', '=', task).executeTakeFirst(),
    );
    return result.numDeletedRows > 0n;
  }
}
