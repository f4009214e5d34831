/**
 * Students in service: audited calls, the watch over their risk, which student is promoted, what happened, how inputs
 * are distributed, and which split of a dataset a call is in.
 *
 * @module
 */
import { sql } from 'kysely';
import type { Migration } from './migration.ts';

export const service: Migration = {
  version: 5,
  name: 'service',
  async up(db, types) {
    for (const column of ['audited', 'agreed'])
      await db.schema.alterTable('calls').addColumn(column, 'smallint').execute();
    await db.schema.alterTable('calls').addColumn('split', 'text').execute();
    await db.schema.alterTable('call_texts').addColumn('audit_response', types.bytes).execute();

    await db.schema.alterTable('students').addColumn('promoted_at', 'bigint').execute();
    await db
      .updateTable('students')
      .set((e) => ({ promoted_at: sql<number>`${e.ref('created_at')}` }))
      .execute();

    await db.schema
      .createTable('audits')
      .addColumn('call_id', 'text', (c) => c.primaryKey().references('calls.id').onDelete('cascade'))
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('student_id', 'text', (c) => c.notNull())
      .addColumn('student_digest', 'text', (c) => c.notNull())
      .addColumn('agreed', 'smallint')
      .addColumn('provider', 'text')
      .addColumn('model', 'text')
      .addColumn('error_code', 'text')
      .addColumn('prompt_tokens', 'bigint', (c) => c.notNull())
      .addColumn('completion_tokens', 'bigint', (c) => c.notNull())
      .addColumn('cost_nano_usd', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('audits_by_student')
      .on('audits')
      .columns(['task', 'student_digest', 'at', 'call_id'])
      .execute();

    await db.schema
      .createTable('risk_watches')
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('student_digest', 'text', (c) => c.notNull())
      .addColumn('student_id', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('changed_at', 'bigint', (c) => c.notNull())
      .addColumn('withdrawn_at', 'bigint')
      .addPrimaryKeyConstraint('risk_watches_key', ['task', 'student_digest'])
      .execute();

    await db.schema
      .createTable('events')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('what', 'text', (c) => c.notNull())
      .addColumn('student_id', 'text')
      .addColumn('detail', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('events_by_task').on('events').columns(['task', 'at', 'id']).execute();

    await db.schema
      .createTable('drift_counts')
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('student_digest', 'text', (c) => c.notNull())
      .addColumn('day', 'integer', (c) => c.notNull())
      .addColumn('measure', 'text', (c) => c.notNull())
      .addColumn('bin', 'integer', (c) => c.notNull())
      .addColumn('n', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('drift_counts_key', ['task', 'student_digest', 'day', 'measure', 'bin'])
      .execute();
  },
};
