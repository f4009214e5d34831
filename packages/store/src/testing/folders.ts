/**
 * Folders for tests, each its own, removed after the test; and whole files checked for damage.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { LibsqlConnection } from '../dialect/libsql-connection.ts';
import { openStore } from '../open-store.ts';
import type { Store, StoreOptions } from '../store.ts';

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kolben-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that is closed when the test is over. */
export async function newStore(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ directory: newFolder(), ...options });
  onTestFinished(() => store.close());
  return store;
}

/** What SQLite finds wrong with the database of a store: nothing, if it says `ok`. */
export async function integrity(directory: string): Promise<unknown> {
  const connection = new LibsqlConnection(join(directory, 'kolben.db'), 10_000);
  try {
    const check = await connection.execute('pragma integrity_check');
    const references = await connection.execute('pragma foreign_key_check');
    return references.rows.length > 0 ? references.rows : check.rows[0]?.integrity_check;
  } finally {
    connection.close();
  }
}
