/**
 * Opens a store's database on a Postgres server: one schema of one database, which several gateways may share.
 *
 * What is exact across them rests on one lock. `exclusively` takes an advisory lock in its transaction, so that of all
 * processes on all machines one writes at a time, and reads at the level `read committed`, at which every statement
 * sees what was committed before it began, and so all that former holders of the lock wrote. (At the stricter levels the
 * statement that waits for the lock would already fix what is seen: the state before the wait.) The server gives the
 * lock back when the transaction ends, after its commit can be seen, and also when the process or its connection dies.
 * See docs/decisions/0240.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { type CallBatch, insertCalls } from '../calls/insert-calls.ts';
import { StoreRefusedError, StoreUnreachableError } from '../errors.ts';
import type { PostgresOptions } from '../postgres-options.ts';
import type { Schema } from '../schema.ts';
import { CCollation } from './c-collation.ts';
import type { Database } from './database.ts';
import { type PostgresAddress, postgresAddress } from './postgres-address.ts';
import { PostgresConnections, patience } from './postgres-connections.ts';
import { toPostgresError, type Whereabouts } from './to-postgres-error.ts';

/** Advisory locks are named by two numbers of 32 bits: what it is for, and which. */
const locks = { writing: 0x6b6f6c62, alone: 0x6b6f6c63 } as const;
/** Since when a transaction can be asked about after its connection is lost: Postgres 13. */
const oldest = 130_000;

/** @throws StoreUnreachableError, StoreRefusedError at once: a server that is starting is its starter's to wait for */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const address = postgresAddress(options);
  await prepare(address);
  return new PostgresDatabase(address);
}

/** Looks whether the server will do, and makes the schema. */
async function prepare({ config, schema, whereabouts }: PostgresAddress): Promise<void> {
  const client = new pg.Client(config);
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(
      `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
        current_setting('synchronous_commit') as sync, exists (select from pg_namespace where nspname = $1) as made`,
      [schema],
    );
    const { version, encoding, sync, made } = rows[0];
    if (version < oldest) {
      throw new StoreRefusedError(
        `The database server of ${whereabouts.location} is Postgres ${Math.floor(version / 10_000)}; Kolben needs 13 ` +
          'or newer.',
      );
    }
    if (encoding !== 'UTF8') {
      throw new StoreRefusedError(
        `The database ${whereabouts.database} keeps text as ${encoding}, which can't hold every text; make one with ` +
          '"createdb --encoding UTF8 --template template0".',
      );
    }
    // What is acknowledged must be on a disk; where the server asks for still more, it stays at that.
    if (sync === 'off') config.options += ' -c synchronous_commit=on';
    if (!made) await makeSchema(client, schema, whereabouts);
  } catch (error) {
    throw toPostgresError(error, whereabouts);
  } finally {
    await client.end().catch(() => {});
  }
}

async function makeSchema(client: pg.Client, schema: string, at: Whereabouts): Promise<void> {
  try {
    // `if not exists` alone fails where two processes make it at the same moment.
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1, $2)', [locks.writing, numberOf(schema)]);
    await client.query(`create schema if not exists ${schema}`);
    await client.query('commit');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === '42501') {
      throw new StoreRefusedError(
        `The user ${at.user} may not make the schema ${schema} in the database ${at.database}; run there as its owner: ` +
          `create schema ${schema} authorization ${at.user}`,
        { cause },
      );
    }
    throw cause;
  }
}

/** A number of 32 bits that stands for a name; two names with one number would only wait for each other. */
function numberOf(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE(0);
}

class PostgresDatabase implements Database {
  readonly kind = 'postgres';
  readonly location: string;
  readonly otherPlace = 'another schema for the store';
  readonly columnTypes = { bytes: 'bytea' } as const;
  readonly read: Kysely<Schema>;
  readonly write: Kysely<Schema>;
  readonly #schema: string;
  readonly #patienceMs: number;
  readonly #config: pg.ClientConfig;
  readonly #whereabouts: Whereabouts;
  readonly #connections: readonly PostgresConnections[];

  constructor({ config, schema, poolSize, whereabouts }: PostgresAddress) {
    this.location = whereabouts.location;
    this.#schema = schema;
    this.#patienceMs = whereabouts.lockMs;
    this.#config = config;
    this.#whereabouts = whereabouts;
    const reading = new PostgresConnections({ config, whereabouts, size: poolSize, readOnly: true });
    // One: a second one of this process would only wait for the lock of the first, and readers for its place.
    const writing = new PostgresConnections({ config, whereabouts, size: 1, readOnly: false });
    this.#connections = [writing, reading];
    this.read = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: reading }) });
    this.write = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: writing }) });
  }

  recordCalls(batch: CallBatch): Promise<string[]> {
    return this.exclusively((transaction) => insertCalls(transaction, batch));
  }

  async exclusively<T>(
    work: (transaction: Transaction<Schema>) => Promise<T>,
    { patient = false }: { patient?: boolean } = {},
  ): Promise<T> {
    const deadline = performance.now() + this.#patienceMs;
    for (;;) {
      let id: string | undefined;
      let done: { result: T } | undefined;
      try {
        return await this.write.transaction().execute(async (transaction) => {
          if (patient) await sql.raw(patience).execute(transaction);
          id = await this.#lock(transaction);
          const result = await work(patient ? transaction.withPlugin(new CCollation()) : transaction);
          done = { result };
          return result;
        });
      } catch (error) {
        if (!(error instanceof StoreUnreachableError)) throw error;
        // TypeScript doesn't see that the callback assigns these.
        const finished = done as { result: T } | undefined;
        if (finished && (await this.#wasCommitted(id!, deadline, error))) return finished.result;
        if (performance.now() > deadline) throw error;
      }
      await pause();
    }
  }

  snapshot<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    return this.read
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        await sql.raw(patience).execute(transaction);
        return work(transaction);
      });
  }

  async alone<T>(name: string, work: () => Promise<T>): Promise<{ result: T } | undefined> {
    // A connection of its own, for the lock lasts as long as the work, and goes with the connection.
    const client = new pg.Client(this.#config);
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as ours', [
        locks.alone,
        numberOf(`${this.#schema} ${name}`),
      ]);
      if (!rows[0].ours) return undefined;
    } catch (error) {
      await client.end().catch(() => {});
      throw toPostgresError(error, this.#whereabouts);
    }
    try {
      return { result: await work() };
    } finally {
      await client.end().catch(() => {});
    }
  }

  async tables(db: Kysely<Schema>): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_catalog.pg_tables where schemaname = ${this.#schema} order by tablename collate "C"
    `.execute(db);
    return rows.map((row) => row.name);
  }

  async tidy(): Promise<void> {
    // The server does so by itself.
  }

  async scrub(): Promise<void> {
    const tables = await this.tables(this.read);
    await this.write.connection().execute(async (db) => {
      await sql`set statement_timeout = 0`.execute(db);
      try {
        for (const table of tables) await sql`vacuum ${sql.table(table)}`.execute(db);
      } finally {
        await sql`set statement_timeout = ${sql.lit(this.#whereabouts.statementMs)}`.execute(db);
      }
    });
  }

  async close(): Promise<void> {
    for (const connections of this.#connections) await connections.end();
  }

  /** Waits for the lock; the id of the transaction, by which its end can be asked about on another connection. */
  async #lock(transaction: Transaction<Schema>): Promise<string> {
    const { rows } = await sql<{ id: string }>`
      select pg_advisory_xact_lock(${sql.lit(locks.writing)}, ${sql.lit(numberOf(this.#schema))}),
        pg_current_xact_id()::text as id
    `.execute(transaction);
    return rows[0]!.id;
  }

  /**
   * Whether a transaction was committed whose connection was lost on the way: the server knows.
   *
   * @throws the error itself where the server can't be asked, or doesn't know any more
   */
  async #wasCommitted(id: string, deadline: number, error: StoreUnreachableError): Promise<boolean> {
    for (;;) {
      const { rows } = await sql<{ status: string | null }>`
        select pg_xact_status(${id}::xid8) as status
      `
        .execute(this.read)
        .catch(() => {
          throw error;
        });
      const status = rows[0]?.status;
      if (status === 'committed') return true;
      if (status === 'aborted') return false;
      if (status !== 'in progress' || performance.now() > deadline) throw error;
      await pause();
    }
  }
}

/** Never in step with others that wait. */
function pause(): Promise<void> {
  return wait(20 + 20 * Math.random());
}
