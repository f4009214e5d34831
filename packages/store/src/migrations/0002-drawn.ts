/**
 * Calls say how their inputs came to be asked, where that was no chance of the day.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const drawn: Migration = {
  version: 2,
  name: 'drawn',
  async up(db) {
    await db.schema.alterTable('calls').addColumn('drawn', 'text').execute();
  },
};
