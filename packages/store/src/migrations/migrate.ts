/**
 * Brings a database to the shape this Kolben knows: all missing migrations in one transaction that no other
 * process can enter, so that it ends up in the old shape or in the new one, also when the power goes.
 *
 * @module
 */
import type { Transaction } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreCorruptError, StoreNewerError } from '../errors.ts';
import { toNumber } from '../integers.ts';
import type { Schema } from '../schema.ts';
import type { Migration } from './migration.ts';

/**
 * @throws StoreNewerError for a database that has seen migrations we don't know
 * @throws StoreCorruptError for somebody else's database
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  // Almost always there is nothing to do, and then nobody has to wait for the write lock.
  if ((await version(database, database.read)) === migrations.length) return;
  const bring = async (transaction: Transaction<Schema>) => {
    // Asked again: another process may have done it while we waited for the lock.
    const done = await version(database, transaction);
    if (done > migrations.length) {
      throw new StoreNewerError(
        `The store ${database.location} was written by a newer Kolben (its shape is version ${done}, ` +
          `this Kolben knows ${migrations.length}); install that version of Kolben or a later one.`,
      );
    }
    if (done === 0) {
      await transaction.schema
        .createTable('kolben_migrations')
        .addColumn('version', 'bigint', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('applied_at', 'bigint', (c) => c.notNull())
        .execute();
    }
    for (const migration of migrations.slice(done)) {
      await migration.up(transaction, database.columnTypes);
      await transaction
        .insertInto('kolben_migrations')
        .values({ version: migration.version, name: migration.name, applied_at: Date.now() })
        .execute();
    }
  };
  // A large table takes its time to be changed, and then the others that are being started wait for it.
  await database.exclusively(bring, { patient: true });
}

/** 0 for an empty database. */
async function version(database: Database, db: Database['read'] | Transaction<Schema>): Promise<number> {
  const tables = await database.tables(db);
  if (tables.length === 0) return 0;
  if (!tables.includes('kolben_migrations')) {
    throw new StoreCorruptError(
      `${database.location} is the database of another program (it has a table "${tables[0]}"); ` +
        `choose ${database.otherPlace}.`,
    );
  }
  const { last } = await db
    .selectFrom('kolben_migrations')
    .select((e) => e.fn.max('version').as('last'))
    .executeTakeFirstOrThrow();
  return toNumber(last);
}
