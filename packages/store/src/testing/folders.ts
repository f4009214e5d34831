/**
 * Folders and stores for tests, each its own, removed after the test; and whole stores looked through for damage.
 *
 * The same tests run on both kinds of database: with KOLBEN_TEST_STORE=postgres a store that is opened here lies in a
 * schema of its own on the server (`postgres.ts`), and the folder has its key alone.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import type { Database } from '../dialect/database.ts';
import { LibsqlConnection } from '../dialect/libsql-connection.ts';
import { openDatabase as openAnyDatabase } from '../open-parts.ts';
import { openStore as openAnyStore } from '../open-store.ts';
import type { Store, StoreOptions } from '../store.ts';
import { asSuperuser, onPostgres, postgresFor } from './postgres.ts';
import { spareSchemas } from './spare-schemas.ts';

/** Folders in which a store was opened. */
const opened = new Set<string>();

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-store-'));
  // Registered first, so run last: when every store in it is closed.
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** Before the test is over: for properties, whose cases have a folder each. Every store in it is closed. */
export async function removeFolder(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  if (!onPostgres) return;
  for (const directory of opened) {
    if (directory.startsWith(folder) && opened.delete(directory))
      await spareSchemas.giveBack(postgresFor(directory).schema);
  }
}

/** The store of this folder, in the kind of database that this run is about. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { directory } = options;
  const first = !opened.has(directory);
  const open = () => openAnyStore({ ...place(directory), ...options });
  return onPostgres && first ? spareSchemas.take(postgresFor(directory).schema, open) : open();
}

/** The same without what makes a store of it: as it is, in whatever shape. */
export function openDatabase(directory: string): Promise<Database> {
  mkdirSync(directory, { recursive: true });
  return openAnyDatabase(directory, place(directory));
}

function place(directory: string): Pick<StoreOptions, 'postgres'> {
  if (!onPostgres) return {};
  opened.add(directory);
  return { postgres: postgresFor(directory) };
}

/** A store that is closed when the test is over. */
export async function newStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ directory: newFolder(), ...options });
  onTestFinished(() => store.close());
  return store;
}

/** What the database finds wrong with itself: nothing, if it says `ok`. */
export async function integrity(directory: string): Promise<unknown> {
  if (onPostgres) {
    // The server checks its references as they are written; what is looked for is a text without its call.
    const database = await openDatabase(directory);
    try {
      const { rows } = await sql`
        select call_id from call_texts where call_id not in (select id from calls)`.execute(database.read);
      return rows.length > 0 ? rows : 'ok';
    } finally {
      await database.close();
    }
  }
  const connection = new LibsqlConnection(join(directory, 'kolben.db'), 10_000);
  try {
    const check = await connection.execute('pragma integrity_check');
    const references = await connection.execute('pragma foreign_key_check');
    return references.rows.length > 0 ? references.rows : check.rows[0]?.integrity_check;
  } finally {
    connection.close();
  }
}

/** Everything that is kept of a store, as bytes: the files of its folder, and on a server every row of every table. */
export async function everythingKept(directory: string): Promise<Buffer> {
  const files = readdirSync(directory).map((file) => join(directory, file));
  const parts = files.filter((file) => statSync(file).size > 0).map((file) => readFileSync(file));
  if (onPostgres) {
    const { schema } = postgresFor(directory);
    const tables = await asSuperuser('select tablename from pg_tables where schemaname = $1', [schema]);
    for (const { tablename } of tables) {
      for (const row of await asSuperuser(`select * from ${schema}.${tablename}`)) {
        for (const value of Object.values(row))
          parts.push(Buffer.isBuffer(value) ? Buffer.from(value) : Buffer.from(`${value}\n`));
      }
    }
  }
  return Buffer.concat(parts);
}
