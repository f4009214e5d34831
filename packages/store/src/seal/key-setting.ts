/**
 * What the database says of the key it is written with.
 *
 * @module
 */
import type { Kysely, Transaction } from 'kysely';
import { StoreKeyError } from '../errors.ts';
import type { Schema } from '../schema.ts';
import type { Seal } from './seal.ts';

/** The id of the key that seals. */
export const keyIdSetting = 'seal_key_id';
/** While a change of keys is under way: the id of the key that sealed before. */
const rotationSetting = 'seal_rotation_from';

type Db = Kysely<Schema> | Transaction<Schema>;

export const readKeyId = (db: Db) => readSetting(db, keyIdSetting);
export const writeKeyId = (db: Db, keyId: string) => writeSetting(db, keyIdSetting, keyId);

/** Undefined where no change of keys is under way. */
export const readRotation = (db: Db) => readSetting(db, rotationSetting);
export const writeRotation = (db: Db, from: string) => writeSetting(db, rotationSetting, from);

export async function clearRotation(db: Db): Promise<void> {
  await db.deleteFrom('settings').where('name', '=', rotationSetting).execute();
}

/**
 * To be asked before sealed texts are written, in the transaction that writes them: a process that was started before
 * the key was changed must not go on with the old one, whose texts nobody could open later.
 *
 * @throws StoreKeyError where the key was changed since
 */
export async function assertCurrentKey(
  transaction: Transaction<Schema>,
  seal: Pick<Seal, 'keyId'>,
): Promise<void> {
  requireKey(await readKeyId(transaction), seal.keyId);
}

/**
 * @param current the key that the database names
 * @throws StoreKeyError where it's another
 */
export function requireKey(current: string | undefined, keyId: string): void {
  if (current === undefined || current === keyId) return;
  throw new StoreKeyError(
    'The encryption key was changed while this process had the store open; start it again with the new key.',
  );
}

async function readSetting(db: Db, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value;
}

async function writeSetting(db: Db, name: string, value: string): Promise<void> {
  await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
