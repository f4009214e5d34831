/**
 * The rows of any table, page by page along its key, in the same order from every kind of database; and what tells
 * whether two such readings are the same.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { toNumber } from '../integers.ts';
import type { Schema } from '../schema.ts';
import type { TableToCopy } from './tables.ts';

export type Row = Record<string, unknown>;

/** So many rows at most at once, and of large ones so many that they weigh no more than this, or one. */
const page = { rows: 500, bytes: 8 << 20 };

export async function* readRows(
  db: Kysely<Schema>,
  table: TableToCopy,
): AsyncGenerator<Row[], void, undefined> {
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  let after: Row | undefined;
  for (;;) {
    const last = after;
    const from = last
      ? sql`where (${key}) > (${sql.join(table.key.map((column) => sql.val(last[column])))})`
      : sql``;
    let limit = page.rows;
    if (table.weight !== undefined) {
      const { rows } = await sql<Row>`
        select ${sql.ref(table.weight)} as weight from ${sql.table(table.name)} ${from} order by ${key} limit ${limit}
      `.execute(db);
      limit = fitting(rows.map(({ weight }) => toNumber(weight as number)));
    }
    const { rows } = await sql<Row>`
      select * from ${sql.table(table.name)} ${from} order by ${key} limit ${limit}
    `.execute(db);
    if (rows.length === 0) return;
    yield rows;
    after = rows[rows.length - 1];
  }
}

function fitting(weights: readonly number[]): number {
  let bytes = 0;
  let n = 0;
  for (const weight of weights) {
    bytes += weight;
    if (n > 0 && bytes > page.bytes) break;
    n++;
  }
  return Math.max(n, 1);
}

export interface TableFigures {
  rows: number;
  /** SHA-256 of all rows in their order, every column of each. */
  digest: string;
}

/** Adds rows up to the figures of their table. */
export class Tally {
  readonly #hash: Hash = createHash('sha256');
  rows = 0;

  add(rows: readonly Row[]): void {
    this.rows += rows.length;
    for (const row of rows) {
      for (const column of Object.keys(row).sort()) {
        const value = row[column];
        const bytes = value instanceof Uint8Array ? value : Buffer.from(words(value));
        this.#hash.update(`${column}:${bytes.length}:`).update(bytes);
      }
    }
  }

  figures(): TableFigures {
    return { rows: this.rows, digest: this.#hash.digest('hex') };
  }
}

/** Nothing and the word for it differ; a whole number is the same whichever way it is held. */
function words(value: unknown): string {
  return value === null || value === undefined ? '\0' : `${typeof value === 'string' ? 's' : 'n'}${value}`;
}

export async function figuresOf(db: Kysely<Schema>, table: TableToCopy): Promise<TableFigures> {
  const tally = new Tally();
  for await (const rows of readRows(db, table)) tally.add(rows);
  return tally.figures();
}
