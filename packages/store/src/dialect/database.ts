/**
 * What the rest of the store knows of the database under it. Everything that only one kind of database has
 * (files, pragmas, checkpoints, advisory locks, column types) stays behind this interface, in this folder.
 *
 * @module
 */
import type { ColumnDataType, Kysely, Transaction } from 'kysely';
import type { CallBatch } from '../calls/insert-calls.ts';
import type { Schema } from '../schema.ts';

/** The types that differ from one kind of database to the next; migrations take them from here. */
export interface ColumnTypes {
  bytes: ColumnDataType;
}

export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  /** For error messages: the path of the file, or where the server is; never a password. */
  readonly location: string;
  /** For error messages: what to choose where this place belongs to somebody else. */
  readonly otherPlace: string;
  readonly columnTypes: ColumnTypes;
  /** Queries that change nothing; they don't wait for a writer. */
  readonly read: Kysely<Schema>;
  /** Queries that change something; a transaction of an embedded one holds its write lock from its beginning. */
  readonly write: Kysely<Schema>;
  /**
   * One transaction on `write`, in which nobody else can write, neither here nor in another process or on another
   * machine, and which sees all that was committed before it. `work` may be run again where a connection broke off
   * before anything was committed; so it does nothing that lasts but through the transaction.
   *
   * @param options.patient it may take long, and waits for others as long as it takes
   */
  exclusively<T>(
    work: (transaction: Transaction<Schema>) => Promise<T>,
    options?: { patient?: boolean },
  ): Promise<T>;
  /** Records calls in a transaction like those of `exclusively` (see `insertCalls`); the ids that were new. */
  recordCalls(batch: CallBatch): Promise<string[]>;
  /** Reads that all see one and the same moment, however long they take. Nobody waits for it. */
  snapshot<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T>;
  /**
   * Does `work` unless a work of the same name goes on, here or in another process that shares the database; then
   * nothing is done. The name is free again when the work is done or its process has died.
   *
   * @returns undefined where the name was taken
   */
  alone<T>(name: string, work: () => Promise<T>): Promise<{ result: T } | undefined>;
  /** The names of the store's tables that there are, in alphabetical order. */
  tables(db: Kysely<Schema>): Promise<string[]>;
  /** To be called after every larger commit; moves an embedded database's log into its file when it has grown. */
  tidy(): Promise<void>;
  /**
   * Makes sure that nothing of what has been deleted is left in an embedded database's file or its log. A server is
   * asked to take the place of what was deleted into use again.
   */
  scrub(): Promise<void>;
  close(): Promise<void>;
}
