/**
 * Runs: the trainings of students, and how each of them went by step.
 *
 * @module
 */
import type { Migration } from './migration.ts';

export const runs: Migration = {
  version: 9,
  name: 'runs',
  async up(db) {
    await db.schema
      .createTable('runs')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('task', 'text', (c) => c.notNull())
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('kind', 'text')
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('begun_at', 'bigint', (c) => c.notNull())
      .addColumn('beat_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('stop_wanted_at', 'bigint')
      .addColumn('process', 'text', (c) => c.notNull())
      .addColumn('settings', 'text', (c) => c.notNull())
      .addColumn('dataset', 'text')
      .addColumn('plan', 'text')
      .addColumn('progress', 'text')
      .addColumn('timeline', 'text')
      .addColumn('end_facts', 'text')
      .execute();
    await db.schema.createIndex('runs_by_time').on('runs').columns(['begun_at', 'id']).execute();
    await db.schema
      .createTable('run_points')
      .addColumn('run_id', 'text', (c) => c.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('step', 'integer', (c) => c.notNull())
      .addColumn('loss', 'double precision', (c) => c.notNull())
      .addColumn('learning_rate', 'double precision', (c) => c.notNull())
      .addColumn('tokens_per_second', 'double precision')
      .addColumn('agreement', 'double precision')
      .addColumn('validation_loss', 'double precision')
      .addPrimaryKeyConstraint('run_points_key', ['run_id', 'step'])
      .execute();
  },
};
