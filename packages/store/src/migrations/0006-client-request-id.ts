/**
 * Calls keep what their clients call them by, so that a client finds again what it asked.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const clientRequestId: Migration = {
  version: 6,
  name: 'client-request-id',
  async up(db) {
    await db.schema.alterTable('calls').addColumn('client_request_id', 'text').execute();
  },
};
