/**
 * Where a store on a Postgres server lies, and how it is used.
 *
 * @module
 */

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database`. Never repeated in an error or a log. */
  url: string;
  /** The schema of that database in which the tables are, made where it doesn't exist. `kolben` where left out. */
  schema?: string;
  /** Connections for reading, 1 to 100; one more is for writing. 8 where left out. */
  poolSize?: number;
  /** How long the server may take for one query, milliseconds. 60,000 where left out. */
  statementTimeoutMs?: number;
  /**
   * How long to wait for a transaction of another process, and for a server that is away for a moment, milliseconds.
   * 10,000 where left out.
   */
  patienceMs?: number;
}

/** What a schema may be called: names that need no quoting, anywhere. */
export const schemaName = /^[a-z_][a-z0-9_]{0,62}$/;
