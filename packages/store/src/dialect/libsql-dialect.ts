/**
 * Kysely over one libsql connection. Kysely's own SQLite dialect wants a synchronous, trusting driver; only
 * its compiler, adapter and introspector are of use here.
 *
 * @module
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { LibsqlConnection } from './libsql-connection.ts';

export class LibsqlDialect implements Dialect {
  readonly #connection: LibsqlConnection;

  constructor(connection: LibsqlConnection) {
    this.#connection = connection;
  }

  createDriver(): Driver {
    return new LibsqlDriver(this.#connection);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

class LibsqlDriver implements Driver {
  readonly #connection: LibsqlConnection;
  readonly #adapted: DatabaseConnection;
  /** The one connection serves one query or transaction at a time: whoever comes next waits for this. */
  #free: Promise<void> = Promise.resolve();
  #release: (() => void) | undefined;

  constructor(connection: LibsqlConnection) {
    this.#connection = connection;
    this.#adapted = new KyselyConnection(connection);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#free;
    let release: () => void = () => {};
    this.#free = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    this.#release = release;
    return this.#adapted;
  }

  async releaseConnection(): Promise<void> {
    this.#release?.();
  }

  async beginTransaction(): Promise<void> {
    // Immediate: the wait for other processes happens here, off the main thread, and never within the
    // transaction, where SQLite would refuse at once to turn a reader into a writer.
    await this.#connection.exec('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.exec('commit');
  }

  async rollbackTransaction(): Promise<void> {
    // After a full disk or a failed write SQLite has rolled back by itself.
    if (this.#connection.inTransaction) await this.#connection.exec('rollback');
  }

  async destroy(): Promise<void> {
    this.#connection.close();
  }
}

class KyselyConnection implements DatabaseConnection {
  readonly #connection: LibsqlConnection;

  constructor(connection: LibsqlConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#connection.execute(query.sql, query.parameters);
    return {
      rows: rows as R[],
      ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }),
    };
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it, the store never does
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    // A cursor left open would keep the log from being emptied; long reads go page by page instead.
    throw new Error('Streaming cursors are not offered by this dialect; read page by page.');
  }
}
