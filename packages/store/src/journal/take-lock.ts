/**
 * One gateway to a folder: a lock that the system lets go by itself when its process dies, however it dies.
 *
 * Node has no lock on files; SQLite has. So the lock is an exclusive transaction on a database of its own, which stays
 * empty and open for as long as the lock is held.
 *
 * @module
 */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { LibsqlConnection } from '../dialect/libsql-connection.ts';
import { StoreInUseError, StoreLockedError } from '../errors.ts';

const lockFile = 'kolben.lock';

/** Held until it is called. */
export type Unlock = () => void;

/** @throws StoreInUseError where another process (or another gateway of this one) holds it */
export async function takeLock(directory: string): Promise<Unlock> {
  const path = join(directory, lockFile);
  const connection = new LibsqlConnection(path, 0);
  try {
    await connection.exec('begin exclusive');
    await chmod(path, 0o600);
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
