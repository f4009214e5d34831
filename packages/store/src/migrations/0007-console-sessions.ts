/**
 * Sessions of the console.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const consoleSessions: Migration = {
  version: 7,
  name: 'console-sessions',
  async up(db) {
    await db.schema
      .createTable('console_sessions')
      .addColumn('token_sha256', 'text', (c) => c.primaryKey())
      .addColumn('key_id', 'text', (c) => c.notNull().references('api_keys.id').onDelete('cascade'))
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('last_used_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .execute();
  },
};
