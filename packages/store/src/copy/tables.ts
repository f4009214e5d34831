/**
 * The tables of a store in the order in which they can be filled, for whoever copies them as they are. A test compares
 * the list with what the migrations make.
 *
 * @module
 */
import type { Schema } from '../schema.ts';

export interface TableToCopy {
  name: keyof Schema;
  /** The primary key: pages are read along it. */
  key: readonly string[];
  /** The column that tells the size of a row in bytes, where rows can be large. */
  weight?: string;
}

/** A row refers only to rows of tables above its own. `kolben_migrations` is each database's own, and
 * nobody is signed in to a copy (`console_sessions`). */
export const tablesToCopy: readonly TableToCopy[] = [
  { name: 'settings', key: ['name'] },
  { name: 'api_keys', key: ['id'] },
  { name: 'calls', key: ['id'] },
  { name: 'call_texts', key: ['call_id'], weight: 'bytes' },
  { name: 'students', key: ['id'] },
  { name: 'task_routes', key: ['task'] },
  { name: 'audit_events', key: ['id'] },
  { name: 'counters', key: ['grain', 'period', 'task', 'key_id', 'answered_by'] },
  { name: 'reservations', key: ['call_id', 'what'] },
  { name: 'instances', key: ['id'] },
  { name: 'audits', key: ['call_id'] },
  { name: 'decisions', key: ['call_id'], weight: 'bytes' },
  { name: 'risk_watches', key: ['task', 'student_digest'] },
  { name: 'events', key: ['id'] },
  { name: 'runs', key: ['id'] },
  { name: 'run_points', key: ['run_id', 'step'] },
  { name: 'failed_attempts', key: ['provider', 'hour', 'code'] },
  { name: 'drift_counts', key: ['task', 'student_digest', 'day', 'measure', 'bin'] },
];
