/**
 * Finds the encryption key of a store: handed over, in the environment, or in its file, which is made where a
 * store is new. And makes sure that it is the key this store was written with.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '../dialect/database.ts';
import { StoreKeyError } from '../errors.ts';
import { type FoundKeys, findKeys, keyFile, keyLength, keyVariable, writeKeyFile } from './key-file.ts';
import { readKeyId, writeKeyId } from './key-setting.ts';
import { Seal, sealKeyId } from './seal.ts';

/** @throws StoreKeyError where the key is missing, malformed, open to others, or another one */
export async function findSeal(
  database: Database,
  directory: string,
  given: Uint8Array | readonly Uint8Array[] | undefined,
): Promise<Seal> {
  const expected = await readKeyId(database.read);
  if (expected !== undefined) return checked(await findKeys(directory, given), expected, database);
  // A new store. Under the write lock, so that of two processes that begin it together only one makes a key.
  return database.exclusively(async (transaction) => {
    const meanwhile = await readKeyId(transaction);
    if (meanwhile !== undefined) return checked(await findKeys(directory, given), meanwhile, database);
    const key = (await findKeys(directory, given))?.keys[0] ?? (await makeKeyFile(directory));
    const seal = new Seal(key);
    await writeKeyId(transaction, seal.keyId);
    return seal;
  });
}

function checked(found: FoundKeys | undefined, expected: string, database: Database): Seal {
  if (found === undefined) {
    throw new StoreKeyError(
      `The store ${database.location} is encrypted and its key is missing; ` +
        `put ${keyFile} back beside it or set ${keyVariable} to the key (id ${expected}) it was written with.`,
    );
  }
  const current = found.keys.find((key) => sealKeyId(key) === expected);
  if (current === undefined) {
    throw new StoreKeyError(
      `The store ${database.location} was written with another encryption key (id ${expected}) than the one ` +
        `in ${found.source} (id ${found.keys.map(sealKeyId).join(', ')}); put back the right one.`,
    );
  }
  // The others: sealed with before, or, where a change of keys was killed at its beginning, not yet.
  return new Seal(current, found.keys);
}

async function makeKeyFile(directory: string): Promise<Uint8Array> {
  const key = randomBytes(keyLength);
  await writeKeyFile(directory, [key]);
  return key;
}
