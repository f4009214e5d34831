/**
 * Providers that failed before another one, or the same at another try, answered: counted by the hour. And how long a call
 * was under way before the one was asked that its record names.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const failedAttempts: Migration = {
  version: 10,
  name: 'failed-attempts',
  async up(db) {
    await db.schema.alterTable('calls').addColumn('waited_ms', 'double precision').execute();
    await db.schema
      .createTable('failed_attempts')
      .addColumn('provider', 'text', (c) => c.notNull())
      .addColumn('hour', 'integer', (c) => c.notNull())
      .addColumn('code', 'text', (c) => c.notNull())
      .addColumn('n', 'bigint', (c) => c.notNull())
      .addColumn('took_ms', 'double precision', (c) => c.notNull())
      .addColumn('last_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('failed_attempts_key', ['provider', 'hour', 'code'])
      .execute();
  },
};
