/**
 * Leases in the database: they end by themselves when their owner has died.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';
import { toNumber } from '../integers.ts';
import type { Leases } from './lease.ts';

export class StoredLeases implements Leases {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  take(
    name: string,
    owner: string,
    milliseconds: number,
    isDead: (owner: string) => boolean = () => false,
  ): Promise<boolean> {
    return this.#database.exclusively(async (transaction) => {
      const now = Date.now();
      const held = await transaction
        .selectFrom('leases')
        .select(['owner', 'until'])
        .where('name', '=', name)
        .executeTakeFirst();
      const isHeld = held !== undefined && held.owner !== owner && toNumber(held.until) > now;
      if (isHeld && !isDead(held.owner)) return false;
      const row = { owner, until: now + milliseconds };
      await transaction
        .insertInto('leases')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      return true;
    });
  }

  async release(name: string, owner: string): Promise<void> {
    await this.#database.exclusively((transaction) =>
      transaction.deleteFrom('leases').where('name', '=', name).where('owner', '=', owner).execute(),
    );
  }
}
