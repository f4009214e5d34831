/**
 * Backups: one file that holds the whole store, made while it is in use, and put back as a whole or not at all.
 *
 * Whatever kind of database the store is in, its backup is an SQLite file with the store's tables, so that a backup of one
 * kind restores into the other. Texts in it are sealed; the key is not in it and is kept apart.
 *
 * Of the embedded file SQLite itself makes the copy (`vacuum into`): in a read transaction, which neither waits for
 * writers nor holds them up, and moves nothing from the log into the file, so that the rule of docs/decisions/0011 holds.
 *
 * @module
 */
import { copyFile, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { sql } from 'kysely';
import { StoredAudit } from '../audit/audit.ts';
import type { Database } from '../dialect/database.ts';
import { openLibsql, vacuumInto } from '../dialect/open-libsql.ts';
import { StoreBackupError, StoreCorruptError, StoreNotEmptyError } from '../errors.ts';
import { makeDirectory } from '../make-directory.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrations } from '../migrations/migrations.ts';
import { databaseFile, openDatabase } from '../open-parts.ts';
import { findSeal } from '../seal/find-key.ts';
import type { StoreOptions } from '../store.ts';
import { type CopyOptions, copyDatabase } from './copy-database.ts';

export interface BackupReport {
  /** Of what, and into which file; or from which file, and into what. */
  from: string;
  to: string;
  /** Calls in it. */
  calls: number;
  /** Id of the key that opens its texts; null where nothing was ever sealed. */
  keyId: string | null;
  /** Size of the file. */
  bytes: number;
}

/**
 * Writes the store as it is at this moment into a file that must not exist yet. Calls may be recorded meanwhile.
 *
 * @throws StoreBackupError where the file exists or can't be written
 */
export async function backupStore(
  options: StoreOptions,
  file: string,
  copying: Omit<CopyOptions, 'mustBeStill'> = {},
): Promise<BackupReport> {
  const path = resolve(file);
  if (await exists(path)) {
    throw new StoreBackupError(
      `${path} is there already, and a backup overwrites nothing; choose another name.`,
    );
  }
  const database = await openDatabase(resolve(options.directory), options);
  const aside = `${path}.unfinished`;
  try {
    await migrate(database, migrations);
    await makeFile(aside);
    if (database.kind === 'sqlite') await vacuumInto(database.location, aside);
    else await into(aside, (target) => filled(target, database, copying));
    // Looked through before it counts: what can't be restored is no backup.
    const { calls, keyId } = await into(aside, lookThrough);
    await sync(aside);
    await rename(aside, path);
    await sync(dirname(path));
    await noteDown(database, copying, 'store.backup', { to: path, calls });
    return { from: database.location, to: path, calls, keyId, bytes: (await stat(path)).size };
  } catch (error) {
    await removeAll(aside).catch(() => {});
    throw isFileError(error)
      ? new StoreBackupError(
          `The backup ${path} can't be written (${error.code}); choose a folder that you may write to and that has room.`,
          { cause: error },
        )
      : error;
  } finally {
    await database.close();
  }
}

/**
 * Makes a store of a backup, in a place that has none. Its key must be there: handed over, in the environment, or in the
 * store's folder.
 *
 * @throws StoreNotEmptyError where there is a store already
 * @throws StoreKeyError without the key it was written with
 * @throws StoreBackupError where there is no such file
 * @throws StoreCorruptError where it is damaged or no backup
 */
export async function restoreStore(
  file: string,
  options: StoreOptions,
  copying: Omit<CopyOptions, 'mustBeStill'> = {},
): Promise<BackupReport> {
  const path = resolve(file);
  const directory = resolve(options.directory);
  await makeDirectory(directory);
  const place = join(directory, databaseFile);
  if (!options.postgres) await mustBeFree(place);
  const aside = `${place}.restoring`;
  try {
    await removeAll(aside);
    await makeFile(aside);
    await copyFile(path, aside);
    const { calls, keyId, to } = await into(aside, async (backup) => {
      const found = await lookThrough(backup);
      await migrate(backup, migrations);
      await findSeal(backup, directory, options.key);
      await noteDown(backup, copying, 'store.restore', { from: path, calls: found.calls });
      const to = options.postgres ? await copyInto(backup, directory, options, copying) : place;
      return { ...found, to };
    });
    if (!options.postgres) {
      await sync(aside);
      await rename(aside, place);
      await sync(directory);
    }
    return { from: path, to, calls, keyId, bytes: (await stat(path)).size };
  } catch (error) {
    if (error instanceof StoreCorruptError) {
      throw new StoreCorruptError(`${path} is damaged or no backup of a store; use another one.`, {
        cause: error,
      });
    }
    if (!isFileError(error)) throw error;
    throw new StoreBackupError(
      `The backup ${path} can't be put back (${error.code}); check its name, and that the disk has room.`,
      { cause: error },
    );
  } finally {
    await removeAll(aside).catch(() => {});
  }
}

async function noteDown(
  database: Database,
  { actor }: CopyOptions,
  act: string,
  detail: Record<string, unknown>,
): Promise<void> {
  if (actor !== undefined) await new StoredAudit(database).add({ actor, act, detail });
}

async function copyInto(
  backup: Database,
  directory: string,
  options: StoreOptions,
  copying: CopyOptions,
): Promise<string> {
  const target = await openDatabase(directory, options);
  try {
    await filled(target, backup, copying);
    return target.location;
  } finally {
    await target.close();
  }
}

/** Opens a database in a file, which is whole again, without a log beside it, when it is done. */
async function into<T>(file: string, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openLibsql(file);
  let result: T;
  try {
    result = await use(database);
    // Closing alone doesn't do it: libsql lets a connection go when its statements are collected as garbage.
    await database.scrub();
  } finally {
    await database.close();
  }
  await removeAll(file, ['-wal', '-shm']);
  return result;
}

async function filled(target: Database, from: Database, copying: CopyOptions): Promise<void> {
  await migrate(target, migrations);
  await copyDatabase(from, target, copying);
}

/** @throws StoreCorruptError for what is damaged or no store */
async function lookThrough(database: Database): Promise<{ calls: number; keyId: string | null }> {
  const { read, location } = database;
  const { rows: found } = await sql<Record<string, unknown>>`pragma integrity_check`.execute(read);
  const { rows: loose } = await sql<Record<string, unknown>>`pragma foreign_key_check`.execute(read);
  const says = found[0]?.integrity_check;
  if (says !== 'ok' || loose.length > 0) {
    const what = says === 'ok' ? 'a text belongs to no call' : String(says);
    throw new StoreCorruptError(`The backup ${basename(location)} is damaged (${what}); use another one.`);
  }
  const tables = await database.tables(read);
  if (!tables.includes('calls') || !tables.includes('settings')) {
    throw new StoreCorruptError(
      `${basename(location)} is no backup of a store; name the file that one wrote.`,
    );
  }
  const { rows: calls } = await sql<{ n: number }>`select count(*) as n from calls`.execute(read);
  const key = await read
    .selectFrom('settings')
    .select('value')
    .where('name', '=', 'seal_key_id')
    .executeTakeFirst();
  return { calls: calls[0]!.n, keyId: key?.value ?? null };
}

/** A log without its file would be read into the next file of that name. */
async function mustBeFree(place: string): Promise<void> {
  for (const path of [place, `${place}-wal`, `${place}-shm`]) {
    if (!(await exists(path))) continue;
    throw new StoreNotEmptyError(
      `There is a store already, or a part of one (${path}), and a backup overwrites nothing; move kolben.db, ` +
        'kolben.db-wal and kolben.db-shm away first.',
    );
  }
}

/** For its owner only, whatever the folder it lies in. */
async function makeFile(path: string): Promise<void> {
  await (await open(path, 'w', 0o600)).close();
}

async function removeAll(path: string, ends = ['', '-wal', '-shm']): Promise<void> {
  for (const end of ends) await rm(path + end, { force: true });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** To the disk itself. A folder can't be synced on Windows, and needs not. */
async function sync(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
