/**
 * One connection of libsql, made safe.
 *
 * libsql's binding (0.5.29) has traps, each of which `libsql-connection.test.ts` springs: a boolean parameter
 * aborts the whole process; a plain object or NaN is stored as null without a word; a Date throws; a whole
 * number is stored as a floating one; text ends at its first NUL character and loses lone surrogates; whole
 * numbers beyond 2^53 come back rounded; blobs come back as ArrayBuffer; a statement that is asked twice at
 * once mixes its rows; `get()` adds a column. So parameters pass through `toParameter`, rows through `fromRow`,
 * integers are always asked for in full.
 *
 * It is the promise side of libsql that is used: reading and the commit with its fsync
 * then happen off the main thread. Only `run` is synchronous there, so it is called inside transactions only.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import Libsql from 'libsql/promise';
import { StoreClosedError, StoreLockedError } from '../errors.ts';
import { type Parameter, toParameter } from './parameters.ts';
import { toStoreError } from './to-store-error.ts';

/** The part of libsql that is used, as it behaves; its own types are of the synchronous side. */
interface RawDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): Promise<RawStatement>;
  exec(sql: string): Promise<void>;
  close(): void;
}

interface RawStatement {
  readonly reader: boolean;
  safeIntegers(on: boolean): this;
  run(parameters: readonly Parameter[]): { changes: number };
  all(parameters: readonly Parameter[]): Promise<Record<string, unknown>[]>;
}

export interface ExecuteResult {
  rows: Record<string, unknown>[];
  /** Rows changed by an INSERT, UPDATE or DELETE that returns none; undefined for one that returns rows. */
  changes: number | undefined;
}

/** Statements kept prepared; queries of the store are a few dozen, batches of each size come on top. */
const statementsKept = 64;
/** Between two looks whether a lock is free. */
const longestPauseMs = 25;

export class LibsqlConnection {
  readonly #raw: RawDatabase;
  readonly #location: string;
  readonly #patienceMs: number;
  readonly #statements = new Map<string, RawStatement>();
  #closed = false;

  /**
   * @param patienceMs how long to wait for another process's transaction
   * @throws StoreUnwritableError where the file can't be opened
   */
  constructor(location: string, patienceMs: number) {
    this.#location = location;
    this.#patienceMs = patienceMs;
    try {
      this.#raw = new Libsql(location, {}) as unknown as RawDatabase;
    } catch (error) {
      throw toStoreError(error, location, patienceMs);
    }
  }

  get inTransaction(): boolean {
    return this.#raw.inTransaction;
  }

  /** Runs one statement. Not to be called again before it is done. */
  async execute(sql: string, parameters: readonly unknown[] = []): Promise<ExecuteResult> {
    const bound = parameters.map(toParameter);
    return this.#patiently(async () => {
      try {
        const statement = await this.#prepare(sql);
        if (!statement.reader) return { rows: [], changes: await this.#run(statement, bound) };
        const rows = await statement.all(bound);
        return { rows: rows.map(fromRow), changes: undefined };
      } catch (error) {
        // A statement that failed may be left half-way and hold its read lock; it isn't used again.
        this.#statements.delete(sql);
        throw error;
      }
    });
  }

  /** Runs statements without parameters and results, off the main thread. */
  async exec(sql: string): Promise<void> {
    await this.#patiently(() => this.#raw.exec(sql));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#statements.clear();
    this.#raw.close();
  }

  /**
   * Tries until no other process is in the way. SQLite could wait by itself, but it would keep one of libsql's
   * threads, of which there are as many as cores, and the holder of the lock may need that very thread to go on.
   */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#patienceMs;
    for (let attempt = 0; ; attempt++) {
      if (this.#closed) {
        throw new StoreClosedError(`The store ${this.#location} is closed; open it again to use it.`);
      }
      const inTransaction = this.#raw.inTransaction;
      try {
        return await work();
      } catch (cause) {
        const error = toStoreError(cause, this.#location, this.#patienceMs);
        // Within a transaction the lock is ours, or there is nothing to be had by waiting.
        if (!(error instanceof StoreLockedError) || inTransaction || performance.now() > deadline)
          throw error;
      }
      // Longer each time, and never in step with others that wait.
      await wait(Math.min(2 ** attempt, longestPauseMs) * (0.5 + Math.random()));
    }
  }

  /** `run` is synchronous: inside a transaction there is no lock left to wait for and nothing to sync. */
  async #run(statement: RawStatement, parameters: readonly Parameter[]): Promise<number> {
    if (this.#raw.inTransaction) return statement.run(parameters).changes;
    await this.#raw.exec('begin immediate');
    try {
      const { changes } = statement.run(parameters);
      await this.#raw.exec('commit');
      return changes;
    } catch (error) {
      if (this.#raw.inTransaction) await this.#raw.exec('rollback');
      throw error;
    }
  }

  async #prepare(sql: string): Promise<RawStatement> {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      // Put last again: the first of the map is the one not used for longest.
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = (await this.#raw.prepare(sql)).safeIntegers(true);
    this.#statements.set(sql, statement);
    if (this.#statements.size > statementsKept) {
      this.#statements.delete(this.#statements.keys().next().value!);
    }
    return statement;
  }
}

/** A row as the rest of the store expects it: bytes as Buffer, whole numbers as `number` where they fit. */
export function fromRow(row: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    if (value instanceof ArrayBuffer) {
      result[column] = Buffer.from(value);
    } else if (typeof value === 'bigint') {
      const number = Number(value);
      result[column] = Number.isSafeInteger(number) ? number : value;
    } else {
      result[column] = value;
    }
  }
  return result;
}
