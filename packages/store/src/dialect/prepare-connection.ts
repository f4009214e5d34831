/**
 * What every connection to the embedded database has in common.
 *
 * @module
 */
import { StoreUnwritableError } from '../errors.ts';
import type { LibsqlConnection } from './libsql-connection.ts';

/** What holds for a connection and is not kept in the file. */
export const connectionPragmas: readonly string[] = [
  // full: every commit is on the disk before it is acknowledged, so that it survives a power cut too.
  'pragma synchronous = full',
  'pragma fullfsync = on', // macOS: to the disk itself, not only to its cache
  'pragma checkpoint_fullfsync = on',
  'pragma wal_autocheckpoint = 0',
  'pragma foreign_keys = on',
  'pragma secure_delete = on', // deleted is overwritten
  'pragma temp_store = memory', // nothing outside our folder
  'pragma trusted_schema = off',
  'pragma cell_size_check = on', // finds damage before it spreads
];

/** Sets a connection up as every one to the file must be. @throws StoreUnwritableError on a network's file system */
export async function prepareConnection(connection: LibsqlConnection, path: string): Promise<void> {
  await useWriteAheadLog(connection, path);
  for (const pragma of connectionPragmas) await connection.exec(pragma);
}

async function useWriteAheadLog(connection: LibsqlConnection, path: string): Promise<void> {
  const { rows } = await connection.execute('pragma journal_mode = wal');
  if (rows[0]?.journal_mode === 'wal') return;
  throw new StoreUnwritableError(
    `The store ${path} lies on a file system that can't share memory between processes (a network drive, ` +
      'usually); choose a folder on a local disk.',
  );
}
