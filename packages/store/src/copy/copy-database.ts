/**
 * Copies a store's database into another one, of whatever kind: page by page, all of it or nothing, and read back
 * before it counts.
 *
 * All that is written is one transaction of the target. Sealed texts go over as they are, with the id of their key; so
 * the copy opens with the key of the original.
 *
 * @module
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreChangedError, StoreCorruptError, StoreNotEmptyError } from '../errors.ts';
import { toNumber } from '../integers.ts';
import type { Schema } from '../schema.ts';
import { figuresOf, type Row, readRows, Tally } from './read-rows.ts';
import { type TableToCopy, tablesToCopy } from './tables.ts';

export interface CopyProgress {
  table: string;
  /** Rows so far, and in all. */
  done: number;
  of: number;
}

export interface CopyOptions {
  /** The copy goes on when it is done. */
  onProgress?: ((progress: CopyProgress) => void | Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
  /** Who does it, for the audit log of the store that is copied, and of what becomes of the copy. Left out: nothing is written there. */
  actor?: string | undefined;
  /** Refuses a copy that is out of date when it is done: for a store that moves. A backup goes without. */
  mustBeStill?: boolean;
}

/** Rows copied, by table. */
export type Copied = Readonly<Record<string, number>>;

/** Values in one statement: below what SQLite (32,766) and Postgres (65,535) take. */
const valuesAtOnce = 30_000;

/**
 * @throws StoreNotEmptyError where the target holds anything
 * @throws StoreChangedError where the source was written to meanwhile and must not be
 * @throws StoreCorruptError where what was written doesn't read back as what was read
 */
export async function copyDatabase(from: Database, to: Database, options: CopyOptions = {}): Promise<Copied> {
  return from.snapshot((source) =>
    to.exclusively(
      async (target) => {
        await mustBeEmpty(to, target);
        // An empty store knows nothing but the key that was made for it, and that it will have no use for.
        await sql`delete from settings`.execute(target);
        const copied: Record<string, number> = {};
        for (const table of tablesToCopy) {
          options.signal?.throwIfAborted();
          copied[table.name] = await copyTable(source, target, table, options);
        }
        if (options.mustBeStill) await mustBeStill(from, source);
        return copied;
      },
      { patient: true },
    ),
  );
}

async function copyTable(
  source: Kysely<Schema>,
  target: Transaction<Schema>,
  table: TableToCopy,
  { onProgress, signal }: CopyOptions,
): Promise<number> {
  const of = await rowsOf(source, table);
  const read = new Tally();
  for await (const rows of readRows(source, table)) {
    signal?.throwIfAborted();
    await insert(target, table, rows);
    read.add(rows);
    await onProgress?.({ table: table.name, done: read.rows, of });
  }
  const [wanted, written] = [read.figures(), await figuresOf(target, table)];
  if (wanted.rows !== of || written.rows !== wanted.rows || written.digest !== wanted.digest) {
    throw new StoreCorruptError(
      `The copy of ${table.name} is not what was read (${written.rows} of ${of} rows, or one of them differs), so ` +
        'nothing was kept of it; check the disks and the memory of both machines.',
    );
  }
  return of;
}

async function insert(target: Transaction<Schema>, table: TableToCopy, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0]!);
  const atOnce = Math.max(1, Math.floor(valuesAtOnce / columns.length));
  const names = sql.join(columns.map((column) => sql.ref(column)));
  for (let i = 0; i < rows.length; i += atOnce) {
    const values = rows
      .slice(i, i + atOnce)
      .map((row) => sql`(${sql.join(columns.map((column) => sql.val(row[column])))})`);
    await sql`insert into ${sql.table(table.name)} (${names}) values ${sql.join(values)}`.execute(target);
  }
}

async function rowsOf(db: Kysely<Schema>, { name }: Pick<TableToCopy, 'name'>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db);
  return toNumber(rows[0]!.n);
}

async function mustBeEmpty(to: Database, target: Transaction<Schema>): Promise<void> {
  for (const table of tablesToCopy) {
    if (table.name === 'settings') continue;
    const rows = await rowsOf(target, table);
    if (rows === 0) continue;
    throw new StoreNotEmptyError(
      `The store ${to.location} is not empty (it has ${rows} rows of ${table.name}), and a copy would mix two of them; ` +
        `choose ${to.otherPlace}, or move what is there away.`,
    );
  }
}

/** Compared are the numbers of rows, and of all but the calls, which are only added and never changed, each row. */
async function mustBeStill(from: Database, source: Kysely<Schema>): Promise<void> {
  for (const table of tablesToCopy) {
    const isSame = table.name.startsWith('call')
      ? (await rowsOf(from.read, table)) === (await rowsOf(source, table))
      : (await figuresOf(from.read, table)).digest === (await figuresOf(source, table)).digest;
    if (isSame) continue;
    throw new StoreChangedError(
      `The store ${from.location} was written to while it was copied (${table.name}), so the copy was dropped; stop every ` +
        'gateway that uses it and copy again.',
    );
  }
}
