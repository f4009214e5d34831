/**
 * All migrations, in order. To change the database, add one at the end.
 *
 * @module
 */
import { beginning } from './0001-beginning.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [beginning];
