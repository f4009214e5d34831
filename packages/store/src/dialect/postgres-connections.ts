/**
 * Connections to a Postgres server, made safe: what goes in is checked as for SQLite, what goes wrong becomes an error
 * of the store, and a server that was away for a moment is met again.
 *
 * A connection that broke off while it lay unused shows only when it is used. So its first statement is asked again on
 * a fresh connection, where that can do no harm: a `begin`, or a read. What was broken is never lent again.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { StoreClosedError, StoreUnreachableError } from '../errors.ts';
import { toParameter } from './parameters.ts';
import { isLost, toPostgresError, type Whereabouts } from './to-postgres-error.ts';

export interface ConnectionsOptions {
  config: pg.ClientConfig;
  whereabouts: Whereabouts;
  /** Connections at once. Who comes next waits for one, as long as it takes. */
  size: number;
  /** Every statement may be asked twice: they change nothing. */
  readOnly: boolean;
}

/** Between two attempts to reach a server. */
const longestPauseMs = 250;
/** Beyond the server's own time limit: a server that doesn't even say that it took too long is gone. */
const silenceMs = 10_000;

export class PostgresConnections implements PostgresPool {
  readonly whereabouts: Whereabouts;
  readonly readOnly: boolean;
  readonly #pool: pg.Pool;
  readonly #size: number;
  #free: number;
  readonly #queue: (() => void)[] = [];
  #closed = false;

  constructor({ config, whereabouts, size, readOnly }: ConnectionsOptions) {
    this.whereabouts = whereabouts;
    this.readOnly = readOnly;
    this.#size = size;
    this.#free = size;
    this.#pool = new pg.Pool({ ...config, max: size, idleTimeoutMillis: 30_000 });
    // A connection that is lost tells it to all who use it; without these the process would end with it.
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => void client.on('error', () => {}));
  }

  async connect(): Promise<PostgresPoolClient> {
    // Who waits when the store closes is still served; who comes later isn't.
    if (this.#closed) throw this.#closedError();
    await this.#turn();
    try {
      return new LentConnection(this, await this.lend());
    } catch (error) {
      this.#giveBack();
      throw error;
    }
  }

  /** A connection from the pool, waiting for a server that is away or starting. @throws StoreUnreachableError */
  async lend(): Promise<pg.PoolClient> {
    const deadline = performance.now() + this.whereabouts.lockMs;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#pool.connect();
      } catch (cause) {
        const error = toPostgresError(cause, this.whereabouts);
        if (!(error instanceof StoreUnreachableError) || performance.now() > deadline) {
          throw error;
        }
      }
      await wait(Math.min(10 * 2 ** attempt, longestPauseMs) * (0.5 + Math.random()));
    }
  }

  /** @param client undefined where it was lost and no other could be had */
  takeBack(client: pg.PoolClient | undefined, isBroken: boolean): void {
    client?.release(isBroken);
    this.#giveBack();
  }

  /** What is under way, or waits for its turn, ends first. */
  async end(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (let i = 0; i < this.#size; i++) await this.#turn();
    await this.#pool.end();
  }

  async #turn(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #giveBack(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#free++;
  }

  #closedError(): StoreClosedError {
    return new StoreClosedError(`The store ${this.whereabouts.location} is closed; open it again to use it.`);
  }
}

class LentConnection implements PostgresPoolClient {
  readonly #home: PostgresConnections;
  #client: pg.PoolClient | undefined;
  #isBroken = false;
  #isFresh = true;
  #isPatient = false;

  constructor(home: PostgresConnections, client: pg.PoolClient) {
    this.#home = home;
    this.#client = client;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<_R>(cursor: unknown): never;
  query<R>(sql: unknown, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<R>> {
    // A cursor holds a snapshot, and with it the rows that others delete; long reads go page by page instead.
    if (typeof sql !== 'string')
      throw new Error('Cursors are not offered by this dialect; read page by page.');
    return this.#ask(sql, parameters);
  }

  release(): void {
    this.#home.takeBack(this.#client, this.#isBroken);
  }

  async #ask<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const values = parameters.map((value) => {
      const parameter = toParameter(value);
      return typeof parameter === 'bigint' ? parameter.toString() : parameter;
    });
    // The server has rolled back already, with the connection.
    if (this.#isBroken && sql === 'rollback') return { command: 'SELECT', rowCount: 0, rows: [] };
    const isBeginning = sql === 'begin' || sql.startsWith('start transaction');
    const mayRepeat = this.#isFresh && (this.#home.readOnly || isBeginning);
    this.#isFresh = false;
    // What the server is told of time holds for the clock on this side too.
    if (sql === patience) this.#isPatient = true;
    if (sql === 'commit' || sql === 'rollback') this.#isPatient = false;
    let result: PostgresQueryResult<R>;
    try {
      result = await this.#send(sql, values);
    } catch (cause) {
      if (isLost(cause)) {
        this.#isBroken = true;
        if (mayRepeat) {
          await this.#replace();
          return this.#ask(sql, parameters);
        }
      }
      throw toPostgresError(cause, this.#home.whereabouts);
    }
    // Postgres answers the commit of a transaction in which something failed with a rollback, and no error.
    if (sql === 'commit' && (result.command as string) === 'ROLLBACK') {
      throw new Error('A statement of this transaction failed, so nothing of it was committed.');
    }
    return result;
  }

  #send<R>(text: string, values: unknown[]): Promise<PostgresQueryResult<R>> {
    if (!this.#client) return Promise.reject(new Error('The connection is lost.'));
    const query_timeout = this.#isPatient ? longestTimer : this.#home.whereabouts.statementMs + silenceMs;
    const query = { text, values, query_timeout };
    return this.#client.query(query) as unknown as Promise<PostgresQueryResult<R>>;
  }

  async #replace(): Promise<void> {
    const broken = this.#client;
    this.#client = undefined;
    broken?.release(true);
    this.#client = await this.#home.lend();
    this.#isBroken = false;
  }
}

const longestTimer = 2 ** 31 - 1;
/** What a work that may take long sets for its transaction. */
export const patience =
  "select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)";
