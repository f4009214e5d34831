/**
 * Why who answered a call did, who was right where student and teacher differ, and the ways to find those calls.
 *
 * @module
 */
import { sql } from 'kysely';
import type { Migration } from './migration.ts';

export const decisions: Migration = {
  version: 8,
  name: 'decisions',
  async up(db, types) {
    await db.schema.alterTable('calls').addColumn('reason', 'text').execute();

    await db.schema
      .createTable('decisions')
      .addColumn('call_id', 'text', (c) => c.primaryKey().references('calls.id').onDelete('cascade'))
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('verdict', 'text', (c) => c.notNull())
      .addColumn('answer', types.bytes)
      .addColumn('decided_by', 'text', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .execute();

    // Few calls are in them, so that they cost the recording of all the others nothing.
    await db.schema
      .createIndex('calls_disagreed')
      .on('calls')
      .columns(['task', 'at', 'id'])
      .where(sql.ref('agreed'), '=', sql.lit(0))
      .execute();
    await db.schema
      .createIndex('calls_disagreed_surest')
      .on('calls')
      .columns(['task', 'student_confidence', 'id'])
      .where(sql.ref('agreed'), '=', sql.lit(0))
      .execute();
  },
};
