/**
 * What the rest of the store knows of the database under it. Everything that only one kind of database has
 * (files, pragmas, checkpoints, column types) stays behind this interface, in this folder.
 *
 * @module
 */
import type { ColumnDataType, Kysely, Transaction } from 'kysely';
import type { Schema } from '../schema.ts';

/** The types that differ from one kind of database to the next; migrations take them from here. */
export interface ColumnTypes {
  bytes: ColumnDataType;
}

export interface Database {
  /** For error messages: the path of the file. */
  readonly location: string;
  readonly columnTypes: ColumnTypes;
  /** Queries that change nothing; they don't wait for a writer. */
  readonly read: Kysely<Schema>;
  /** Queries that change something; a transaction of it holds the database's write lock from its beginning. */
  readonly write: Kysely<Schema>;
  /** One transaction on `write`, in which no other process can write. */
  exclusively<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** To be called after every larger commit; moves the log into the file when it has grown. */
  tidy(): Promise<void>;
  /** Makes sure that nothing of what has been deleted is left in the file or its log. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}
