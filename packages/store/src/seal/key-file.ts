/**
 * The keys a store is opened with: handed over, in the environment, or in a file beside the database.
 *
 * Where there are several, a change of keys has begun and wasn't finished: the first is the newest.
 *
 * @module
 */
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreKeyError, StoreUnwritableError } from '../errors.ts';
import { syncDirectory } from '../make-directory.ts';

/** Several are separated by commas. */
export const keyVariable = 'KOLBEN_ENCRYPTION_KEY';
/** The key to change to, where keys come from the environment. */
export const newKeyVariable = 'KOLBEN_NEW_ENCRYPTION_KEY';
/** One key a line. */
export const keyFile = 'kolben.key';
export const keyLength = 32;

export interface FoundKeys {
  keys: readonly Uint8Array[];
  from: 'option' | 'environment' | 'file';
  /** For messages. */
  source: string;
}

/**
 * Undefined where there is none yet.
 *
 * @throws StoreKeyError where a key is malformed, or its file can be read by others
 */
export async function findKeys(
  directory: string,
  given: Uint8Array | readonly Uint8Array[] | undefined,
): Promise<FoundKeys | undefined> {
  if (given !== undefined) {
    const keys = given instanceof Uint8Array ? [given] : given;
    for (const key of keys) {
      if (key.length !== keyLength)
        throw new StoreKeyError(`The encryption key handed over has ${key.length} bytes; it must have 32.`);
    }
    return { keys, from: 'option', source: 'the key option' };
  }
  const variable = process.env[keyVariable];
  if (variable !== undefined && variable !== '') {
    const what = `The environment variable ${keyVariable}`;
    const keys = variable.split(',').map((text) => decodeKey(text, what));
    // While keys are changed, texts of both kinds are there.
    const next = process.env[newKeyVariable];
    if (next) keys.push(decodeKey(next, `The environment variable ${newKeyVariable}`));
    return { keys, from: 'environment', source: keyVariable };
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
  const keys = text
    .trim()
    .split('\n')
    .map((line) => decodeKey(line, `The key file ${path}`));
  return { keys, from: 'file', source: path };
}

/** @throws StoreKeyError naming `what`, and never showing what it holds */
export function decodeKey(text: string, what: string): Uint8Array {
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

/** Written aside, synced, then renamed: a killed process leaves the old file or the new one, each whole. */
export async function writeKeyFile(directory: string, keys: readonly Uint8Array[]): Promise<void> {
  const path = join(directory, keyFile);
  const aside = `${path}.new`;
  try {
    const file = await open(aside, 'w', 0o600);
    try {
      await file.writeFile(keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join(''));
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
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
