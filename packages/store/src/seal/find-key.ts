/**
 * Finds the encryption key of a store: handed over, in the environment, or in its file, which is made where a
 * store is new. And makes sure that it is the key this store was written with.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transaction } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreKeyError, StoreUnwritableError } from '../errors.ts';
import type { Schema } from '../schema.ts';
import { Seal } from './seal.ts';

export const keyVariable = 'KOLBEN_ENCRYPTION_KEY';
export const keyFile = 'kolben.key';
/** The setting that says which key the store is written with. */
const setting = 'seal_key_id';
const keyLength = 32;

/** @throws StoreKeyError where the key is missing, malformed, open to others, or another one */
export async function findSeal(
  database: Database,
  directory: string,
  given: Uint8Array | undefined,
): Promise<Seal> {
  const expected = await keyIdOf(database.read);
  if (expected !== undefined) return checked(await existingKey(directory, given), expected, database);
  // A new store. Under the write lock, so that of two processes that begin it together only one makes a key.
  return database.exclusively(async (transaction) => {
    const meanwhile = await keyIdOf(transaction);
    if (meanwhile !== undefined) return checked(await existingKey(directory, given), meanwhile, database);
    const key = (await existingKey(directory, given)) ?? {
      key: await makeKeyFile(directory),
      source: keyFile,
    };
    const seal = new Seal(key.key);
    await transaction.insertInto('settings').values({ name: setting, value: seal.keyId }).execute();
    return seal;
  });
}

interface FoundKey {
  key: Uint8Array;
  /** For messages: where it comes from. */
  source: string;
}

function checked(found: FoundKey | undefined, expected: string, database: Database): Seal {
  if (found === undefined) {
    throw new StoreKeyError(
      `The store ${database.location} is encrypted and its key is missing; ` +
        `put ${keyFile} back beside it or set ${keyVariable} to the key (id ${expected}) it was written with.`,
    );
  }
  const seal = new Seal(found.key);
  if (seal.keyId !== expected) {
    throw new StoreKeyError(
      `The store ${database.location} was written with another encryption key (id ${expected}) than the one ` +
        `in ${found.source} (id ${seal.keyId}); put back the right one.`,
    );
  }
  return seal;
}

async function keyIdOf(db: Database['read'] | Transaction<Schema>): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', setting).executeTakeFirst();
  return row?.value;
}

async function existingKey(directory: string, given: Uint8Array | undefined): Promise<FoundKey | undefined> {
  if (given !== undefined) {
    if (given.length !== keyLength) {
      throw new StoreKeyError(`The encryption key handed over has ${given.length} bytes; it must have 32.`);
    }
    return { key: given, source: 'the key option' };
  }
  const variable = process.env[keyVariable];
  if (variable !== undefined && variable !== '') {
    return { key: decode(variable, `The environment variable ${keyVariable}`), source: keyVariable };
  }
  const path = join(directory, keyFile);
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new StoreKeyError(
        `The key file ${path} can be read by others (mode ${(mode & 0o777).toString(8)}); run: chmod 600 ${path}`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (error instanceof StoreKeyError) throw error;
    throw new StoreKeyError(
      `The key file ${path} can't be read (${reason(error)}); make it readable for the user Kolben runs as.`,
      { cause: error },
    );
  }
  return { key: decode(text, `The key file ${path}`), source: path };
}

function decode(text: string, what: string): Uint8Array {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  // Buffer.from skips what is no base64; only a text that comes out the same was one.
  const same = key.toString('base64').replace(/=+$/, '') === trimmed.replace(/=+$/, '');
  if (!same || key.length !== keyLength) {
    throw new StoreKeyError(
      `${what} holds no encryption key (32 bytes in base64); put back the right one, or make one for a new store with: openssl rand -base64 32`,
    );
  }
  return key;
}

/** Written aside, synced, then renamed: a killed process leaves a whole key or none. */
async function makeKeyFile(directory: string): Promise<Uint8Array> {
  const path = join(directory, keyFile);
  const aside = `${path}.new`;
  const key = randomBytes(keyLength);
  try {
    const file = await open(aside, 'w', 0o600);
    try {
      await file.writeFile(`${key.toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
    await syncDirectory(directory);
  } catch (error) {
    throw new StoreUnwritableError(
      `The key file ${path} can't be written (${reason(error)}); check that its folder belongs to you and that the disk takes writes.`,
      { cause: error },
    );
  }
  return key;
}

/** So that a power cut doesn't take the new name away. Windows has no such call and needs none. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
