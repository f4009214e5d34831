/**
 * Opens the embedded database: one SQLite file, two connections (one reads, one writes), write-ahead log.
 *
 * About checkpoints, that is, moving the log into the file. The SQLite inside libsql 0.5.29 (3.45.1) has the
 * WAL-reset bug that SQLite fixed in 3.51.3: when one connection commits and thereby begins the log anew while
 * another one is checkpointing, committed pages can be lost (https://sqlite.org/wal.html#the_wal_reset_bug).
 * So the automatic checkpoints, which come at any moment, are off, and ours happen under the write lock: while
 * one goes on, nobody can commit, in this process or another. See docs/decisions/0011.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { access, chmod, constants, open, stat } from 'node:fs/promises';
import { Kysely, sql, type Transaction } from 'kysely';
import type { CallBatch } from '../calls/insert-calls.ts';
import { StoreLockedError } from '../errors.ts';
import type { Schema } from '../schema.ts';
import { CallWriter } from './call-writer/call-writer.ts';
import type { Database } from './database.ts';
import { LibsqlConnection } from './libsql-connection.ts';
import { LibsqlDialect } from './libsql-dialect.ts';
import { prepareConnection } from './prepare-connection.ts';
import { toStoreError } from './to-store-error.ts';

/** How long to wait for another process's transaction. */
const patienceMs = 10_000;
/** Size of the log from which on it is moved into the file: SQLite's usual 1,000 pages. */
const logBytes = 4 << 20;

export async function openLibsql(path: string): Promise<Database> {
  await makeFile(path);
  const writer = new LibsqlConnection(path, patienceMs);
  const reader = new LibsqlConnection(path, patienceMs);
  try {
    await prepareConnection(writer, path);
    await prepareConnection(reader, path);
  } catch (error) {
    writer.close();
    reader.close();
    throw error;
  }
  return new LibsqlDatabase(path, writer, reader);
}

/**
 * Writes the database as it is at this moment into a file that is empty. It reads in a transaction of its own, which holds
 * up nobody and moves nothing of the log; only its own disk and the log's growth meanwhile are felt.
 */
export async function vacuumInto(path: string, file: string): Promise<void> {
  const connection = new LibsqlConnection(path, patienceMs);
  try {
    await prepareConnection(connection, path);
    await connection.exec(`vacuum into '${file.replaceAll("'", "''")}'`);
  } finally {
    connection.close();
  }
}

/**
 * SQLite gives its log and its shared memory the file's own rights, so it is enough to set those.
 *
 * A file that is there already is never opened here: the system takes a process's locks on a file away when the process
 * closes any handle of it, and those are what keeps other processes from emptying the log under a connection of this one
 * (https://sqlite.org/howtocorrupt.html, section 2.2).
 */
async function makeFile(path: string): Promise<void> {
  try {
    const made = await open(path, 'ax', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    await made?.close();
    await access(path, constants.R_OK | constants.W_OK);
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) await chmod(path, 0o600);
  } catch (error) {
    throw toStoreError(error, path, patienceMs);
  }
}

class LibsqlDatabase implements Database {
  readonly kind = 'sqlite';
  readonly location: string;
  readonly otherPlace = 'another folder for the store';
  readonly columnTypes = { bytes: 'blob' } as const;
  readonly read: Kysely<Schema>;
  readonly write: Kysely<Schema>;
  readonly #connections: readonly LibsqlConnection[];
  readonly #calls: CallWriter;

  constructor(location: string, writer: LibsqlConnection, reader: LibsqlConnection) {
    this.location = location;
    this.write = new Kysely<Schema>({ dialect: new LibsqlDialect(writer) });
    this.read = new Kysely<Schema>({ dialect: new LibsqlDialect(reader) });
    this.#connections = [writer, reader];
    this.#calls = new CallWriter({ location, patienceMs });
  }

  exclusively<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.write.transaction().execute(work);
  }

  /** Whoever else in this process wants to write waits in line, and not for a lock that is hardly ever free. */
  recordCalls(batch: CallBatch): Promise<string[]> {
    return this.write.connection().execute(() => this.#calls.record(batch));
  }

  async snapshot<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    // A connection of its own: the other reads of this process go on meanwhile. The log can't be emptied until it ends.
    const connection = new LibsqlConnection(this.location, patienceMs);
    try {
      await prepareConnection(connection, this.location);
      const db = new Kysely<Schema>({ dialect: new LibsqlDialect(connection) });
      await connection.exec('begin');
      // The moment is that of the first read.
      await this.tables(db);
      return await work(db);
    } finally {
      if (connection.inTransaction) await connection.exec('rollback');
      connection.close();
    }
  }

  async alone<T>(name: string, work: () => Promise<T>): Promise<{ result: T } | undefined> {
    // A lock that goes with its process, however that ends, is what SQLite takes on a file; here on an empty one.
    const lock = new LibsqlConnection(`${this.location}-${name}.lock`, 0);
    try {
      await lock.exec('begin exclusive');
      return { result: await work() };
    } catch (error) {
      if (error instanceof StoreLockedError && !lock.inTransaction) return undefined;
      throw error;
    } finally {
      if (lock.inTransaction) await lock.exec('rollback');
      lock.close();
    }
  }

  async tables(db: Kysely<Schema>): Promise<string[]> {
    return (await db.introspection.getTables()).map((table) => table.name).sort();
  }

  async tidy(): Promise<void> {
    if (this.#logSize() < logBytes) return;
    // The transaction stays empty: it holds the write lock for the checkpoint on the other connection.
    await this.exclusively(() => checkpoint(this.read, 'passive'));
  }

  async scrub(): Promise<void> {
    // `truncate` needs the write lock and a moment without readers. Our own connections are held back here, for
    // others SQLite waits by itself, since a checkpoint that gives up has by then done half of its work.
    const emptied = await this.write.connection().execute(() =>
      this.read.connection().execute(async (reader) => {
        await sql`pragma busy_timeout = 2000`.execute(reader);
        try {
          for (let attempt = 0; attempt < 5; attempt++) {
            if (await checkpoint(reader, 'truncate')) return true;
          }
          return false;
        } finally {
          await sql`pragma busy_timeout = 0`.execute(reader);
        }
      }),
    );
    if (!emptied) {
      throw new StoreLockedError(
        `What was deleted is gone from the store ${this.location}, but not yet overwritten in its log, ` +
          'for another process kept using it; delete again when that process is done.',
      );
    }
  }

  async close(): Promise<void> {
    // Both connections once to ourselves: what is still running ends first.
    for (const db of [this.write, this.read]) await db.connection().execute(async () => {});
    await this.#calls.close();
    for (const connection of this.#connections) connection.close();
  }

  #logSize(): number {
    try {
      // After each commit: waiting for an answer would take longer than the look.
      return statSync(`${this.location}-wal`).size;
    } catch {
      return 0; // no log, nothing to move
    }
  }
}

/** False where somebody else's lock kept it from being complete. */
async function checkpoint(reader: Kysely<Schema>, mode: 'passive' | 'truncate'): Promise<boolean> {
  const { rows } = await sql<{ busy: number }>`${sql.raw(`pragma wal_checkpoint(${mode})`)}`.execute(reader);
  return rows[0]?.busy === 0;
}
