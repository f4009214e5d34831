/**
 * Opens the store.
 *
 * @module
 */
import { resolve } from 'node:path';
import { makeDirectory } from './make-directory.ts';
import type { Store, StoreOptions } from './store.ts';

/**
 * Opens the store in a folder, which is made where it doesn't exist, or on a Postgres server; then the folder is for
 * the key alone. Several processes may have it open, and on a server also on several machines: one writes at a time,
 * all read all the time.
 *
 * @throws StoreUnwritableError, StoreKeyError, StoreNewerError, StoreCorruptError, StoreLockedError, and for a server
 *   StoreUnreachableError, StoreRefusedError
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const directory = resolve(options.directory);
  await makeDirectory(directory);
  // The database's library takes longer to load than many a command takes that never opens one.
  const { openParts } = await import('./open-parts.ts');
  return openParts(directory, options);
}
