/**
 * Calls say of which endpoint they were; until now there was only one.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const endpoint: Migration = {
  version: 4,
  name: 'endpoint',
  async up(db) {
    await db.schema
      .alterTable('calls')
      .addColumn('endpoint', 'text', (column) => column.notNull().defaultTo('chat'))
      .execute();
  },
};
