/**
 * A step from one shape of the database to the next.
 *
 * @module
 */
import type { Transaction } from 'kysely';
import type { ColumnTypes } from '../dialect/database.ts';
import type { Schema } from '../schema.ts';

export interface Migration {
  /** 1, 2, 3, … without gaps. */
  version: number;
  name: string;
  /** Uses Kysely's schema builder and `types`, no SQL of one kind of database. Never changed once released. */
  up(db: Transaction<Schema>, types: ColumnTypes): Promise<void>;
}
