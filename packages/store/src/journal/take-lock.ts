/**
 * One gateway to a folder: a lock that the system lets go by itself when its process dies, however it dies.
 *
 * Node has no lock on files; SQLite has. So the lock is an exclusive transaction on a database of its own, which stays
 * empty and open for as long as the lock is held.
 *
 * @module
 */
import { chmod, open } from 'node:fs/promises';
import { join } from 'node:path';
import { LibsqlConnection } from '../dialect/libsql-connection.ts';
import { toStoreError } from '../dialect/to-store-error.ts';
import { StoreInUseError, StoreLockedError } from '../errors.ts';

const lockFile = 'kolben.lock';

/** Held until it is called. */
export type Unlock = () => void;

/** @throws StoreInUseError where another process (or another gateway of this one) holds it */
export async function takeLock(directory: string): Promise<Unlock> {
  const path = join(directory, lockFile);
  await makeFile(path);
  const connection = new LibsqlConnection(path, 0);
  try {
    await connection.exec('begin exclusive');
  } catch (error) {
    connection.close();
    if (!(error instanceof StoreLockedError)) throw error;
    throw new StoreInUseError(
      `Another Kolben gateway works in ${directory}; stop that one, or give this one a data folder of its own.`,
      { cause: error },
    );
  }
  return () => connection.close();
}

/**
 * Before SQLite does, which gives its own files the rights of this one. A file that is there must not be opened: when
 * it is closed again, the system lets go every lock that this process has on it.
 */
async function makeFile(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
      throw toStoreError(error, path, 0);
    await chmod(path, 0o600);
  }
}
