/**
 * Changes the key that a store is written with, and seals every text anew.
 *
 * In this order, so that a process killed at any point leaves a store that opens, and can be begun again: the new key
 * stands beside the old one; the database says that it is the one; texts are sealed anew, some at a time; a second look
 * finds none of the old ones; the old key goes. Each text says which key it wants, so there is nothing to keep of how
 * far one had come.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreKeyError } from '../errors.ts';
import { toNumber } from '../integers.ts';
import {
  decodeKey,
  type FoundKeys,
  findKeys,
  keyLength,
  keyVariable,
  newKeyVariable,
  writeKeyFile,
} from './key-file.ts';
import { clearRotation, readKeyId, readRotation, writeKeyId, writeRotation } from './key-setting.ts';
import type { Seal } from './seal.ts';
import { sealKeyId } from './seal.ts';
import { type SealedRow, type SealedTable, sealedTables } from './sealed-columns.ts';

const idsAtOnce = 500;
/** Sealed anew in one transaction; others can write in between. */
const atOnce = { rows: 100, bytes: 8 << 20 };

export interface RotationOptions {
  /** The key to change to, where the keys were handed over to `openStore`. 32 bytes. */
  newKey?: Uint8Array;
  /** Told how many rows are done. */
  onProgress?: (rows: number) => void;
  signal?: AbortSignal;
}

export interface Rotation {
  /** Ids of the keys. */
  from: string;
  to: string;
  /** Rows whose texts were sealed anew, this time. */
  rows: number;
  /** It went on with a change that was begun before. */
  resumed: boolean;
  /** Where the keys are: what is in the environment is for its owner to change. */
  keysFrom: FoundKeys['from'];
}

/**
 * To be called by who has the folder for its own, with the journal empty.
 *
 * @throws StoreKeyError where there is no new key to change to
 */
export async function rotateKey(
  database: Database,
  directory: string,
  seal: Seal,
  given: Uint8Array | readonly Uint8Array[] | undefined,
  options: RotationOptions = {},
): Promise<Rotation> {
  const found = await findKeys(directory, given);
  if (found === undefined) throw new StoreKeyError('The store has no key that could be changed.');
  const underWay = await readRotation(database.read);
  let from = underWay;
  if (underWay === undefined) {
    const next = await newKeyOf(found, seal, options.newKey, directory);
    from = seal.keyId;
    const to = sealKeyId(next);
    await database.exclusively(async (transaction) => {
      if ((await readKeyId(transaction)) !== from)
        throw new StoreKeyError(
          'The encryption key is being changed by another process; wait until it is done.',
        );
      await writeRotation(transaction, from!);
      await writeKeyId(transaction, to);
    });
    seal.changeTo(next);
  }
  let rows = 0;
  const go = async () => {
    let changed = 0;
    for (const table of sealedTables) {
      for await (const n of sealAnew(database, seal, table, options.signal)) {
        changed += n;
        rows += n;
        options.onProgress?.(rows);
      }
    }
    return changed;
  };
  // Until there is nothing left to do: what was being written when the key changed has come in behind the first pass.
  while ((await go()) > 0);
  // The old seals are overwritten in the file; now also in its log.
  await database.scrub();
  if (found.from === 'file') {
    const current = (await findKeys(directory, given))!.keys.find((key) => sealKeyId(key) === seal.keyId)!;
    await writeKeyFile(directory, [current]);
  }
  await database.exclusively(clearRotation);
  return { from: from!, to: seal.keyId, rows, resumed: underWay !== undefined, keysFrom: found.from };
}

/** The key to change to; in the key file it stands beside the old one from here on. */
async function newKeyOf(
  found: FoundKeys,
  seal: Seal,
  newKey: Uint8Array | undefined,
  directory: string,
): Promise<Uint8Array> {
  if (found.from === 'file') {
    // A process that was killed right after it had written the file left a key that nothing is sealed with yet.
    const [first, ...others] = found.keys;
    if (others.length > 0 && sealKeyId(first!) !== seal.keyId) return first!;
    const key = randomBytes(keyLength);
    await writeKeyFile(directory, [key, ...found.keys.filter((one) => sealKeyId(one) === seal.keyId)]);
    return key;
  }
  if (found.from === 'option') {
    if (newKey === undefined || newKey.length !== keyLength || sealKeyId(newKey) === seal.keyId)
      throw new StoreKeyError(
        'Hand over the key to change to as newKey: 32 bytes, other than those of the old one.',
      );
    return newKey;
  }
  const text = process.env[newKeyVariable];
  if (!text) {
    throw new StoreKeyError(
      `The key comes from ${keyVariable}: set ${newKeyVariable} to the one to change to (openssl rand -base64 32) and try again.`,
    );
  }
  const key = decodeKey(text, `The environment variable ${newKeyVariable}`);
  if (sealKeyId(key) === seal.keyId)
    throw new StoreKeyError(
      `${newKeyVariable} holds the key that the store is written with already; set it to another.`,
    );
  return key;
}

/** Goes through a table; yields how many rows of each batch were changed. */
async function* sealAnew(
  database: Database,
  seal: Seal,
  { table, id, columns }: SealedTable,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  let after = '';
  for (;;) {
    const heads = await database.read
      .selectFrom(table)
      .select([id, 'bytes'])
      .where(id, '>', after)
      .orderBy(id)
      .limit(idsAtOnce)
      .execute();
    for (const ids of batches(heads.map((head) => ({ id: head[id], bytes: toNumber(head.bytes) })))) {
      signal?.throwIfAborted();
      yield await database.exclusively(async (transaction) => {
        const { rows } = await sql<SealedRow>`
          select * from ${sql.table(table)} where ${sql.ref(id)} in (${sql.join(ids)})`.execute(transaction);
        let changed = 0;
        for (const row of rows) {
          const anew: Record<string, Buffer> = {};
          for (const column of columns) {
            const sealed = row[column];
            if (!sealed || seal.isCurrent(sealed)) continue;
            const place = { column: `${table}.${column}`, row: row[id] };
            anew[column] = seal.seal(seal.open(sealed, place), place);
          }
          if (Object.keys(anew).length === 0) continue;
          await transaction.updateTable(table).set(anew).where(id, '=', row[id]).execute();
          changed += 1;
        }
        return changed;
      });
      await database.tidy();
    }
    if (heads.length < idsAtOnce) return;
    after = heads.at(-1)![id];
  }
}

function* batches(heads: readonly { id: string; bytes: number }[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const head of heads) {
    if (batch.length === atOnce.rows || (batch.length > 0 && bytes + head.bytes > atOnce.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(head.id);
    bytes += head.bytes;
  }
  if (batch.length > 0) yield batch;
}
