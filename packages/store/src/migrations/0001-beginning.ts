/**
 * The first shape: settings, keys, calls and their texts, students, routes, audit.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const beginning: Migration = {
  version: 1,
  name: 'beginning',
  async up(db, types) {
    await db.schema
      .createTable('settings')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('scope', 'text', (c) => c.notNull())
      .addColumn('secret_sha256', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('last_used_at', 'bigint')
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .execute();

    await db.schema
      .createTable('calls')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('task', 'text')
      .addColumn('key_id', 'text')
      .addColumn('route', 'text', (c) => c.notNull())
      .addColumn('answered_by', 'text', (c) => c.notNull())
      .addColumn('provider', 'text')
      .addColumn('model', 'text')
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('error_code', 'text')
      .addColumn('latency_ms', 'double precision', (c) => c.notNull())
      .addColumn('ttft_ms', 'double precision')
      .addColumn('prompt_tokens', 'bigint', (c) => c.notNull())
      .addColumn('completion_tokens', 'bigint', (c) => c.notNull())
      .addColumn('cached_tokens', 'bigint', (c) => c.notNull())
      .addColumn('usage_estimated', 'smallint', (c) => c.notNull())
      .addColumn('cost_nano_usd', 'bigint', (c) => c.notNull())
      .addColumn('teacher_cost_nano_usd', 'bigint', (c) => c.notNull())
      .addColumn('student_id', 'text')
      .addColumn('student_confidence', 'double precision')
      .addColumn('student_certified', 'smallint')
      .addColumn('streamed', 'smallint', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('calls_by_time').on('calls').columns(['at', 'id']).execute();
    await db.schema.createIndex('calls_by_task').on('calls').columns(['task', 'at', 'id']).execute();

    await db.schema
      .createTable('call_texts')
      .addColumn('call_id', 'text', (c) => c.primaryKey().references('calls.id').onDelete('cascade'))
      .addColumn('request', types.bytes, (c) => c.notNull())
      .addColumn('response', types.bytes)
      .addColumn('student_answer', types.bytes)
      .addColumn('error_message', types.bytes)
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('students')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('directory', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('certificate', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('students_by_task')
      .on('students')
      .columns(['task', 'created_at', 'id'])
      .execute();

    await db.schema
      .createTable('task_routes')
      .addColumn('task', 'text', (c) => c.primaryKey())
      .addColumn('route', 'text', (c) => c.notNull())
      .addColumn('set_at', 'bigint', (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('audit_events')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('actor', 'text', (c) => c.notNull())
      .addColumn('act', 'text', (c) => c.notNull())
      .addColumn('subject', 'text')
      .addColumn('detail', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('audit_events_by_time').on('audit_events').columns(['at', 'id']).execute();
  },
};
