/**
 * Looks at a store, for who looks after it.
 *
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { toDate, toNumber } from '../integers.ts';
import { journalFile } from '../journal/file-names.ts';
import { findKeys } from '../seal/key-file.ts';
import { readRotation } from '../seal/key-setting.ts';
import type { Seal } from '../seal/seal.ts';
import { type SealedRow, sealedTables } from '../seal/sealed-columns.ts';
import type { StoreFacts } from './store-facts.ts';

const lookedAt = 100;

export async function inspectStore(
  database: Database,
  directory: string,
  seal: Seal,
  given: Uint8Array | readonly Uint8Array[] | undefined,
): Promise<StoreFacts> {
  const { last } = await database.read
    .selectFrom('kolben_migrations')
    .select((e) => e.fn.max('version').as('last'))
    .executeTakeFirstOrThrow();
  const oldest = await database.read
    .selectFrom('calls')
    .innerJoin('call_texts', 'call_texts.call_id', 'calls.id')
    .select('calls.at')
    .orderBy('calls.at')
    .limit(1)
    .executeTakeFirst();
  const { reserved } = await database.read
    .selectFrom('reservations')
    .select((e) => e.fn.count('call_id').distinct().as('reserved'))
    .executeTakeFirstOrThrow();
  const found = await findKeys(directory, given);
  return {
    shape: toNumber(last),
    key: { id: seal.keyId, from: found?.from ?? 'file' },
    rotationFrom: (await readRotation(database.read)) ?? null,
    oldestText: oldest === undefined ? null : toDate(oldest.at),
    texts: await lookAtTexts(database, seal),
    journalBytes: await journalBytes(directory),
    reservedCalls: toNumber(reserved),
  };
}

async function lookAtTexts(database: Database, seal: Seal): Promise<StoreFacts['texts']> {
  let looked = 0;
  let unsealed = 0;
  for (const { table, id, columns } of sealedTables) {
    const { rows } = await sql<SealedRow>`
      select * from ${sql.table(table)} order by ${sql.ref(id)} desc limit ${lookedAt}`.execute(
      database.read,
    );
    for (const row of rows) {
      looked += 1;
      try {
        for (const column of columns) {
          const sealed = row[column];
          if (sealed) seal.open(sealed, { column: `${table}.${column}`, row: row[id] });
        }
      } catch {
        unsealed += 1;
      }
    }
  }
  return { looked, unsealed };
}

async function journalBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    if (!journalFile.test(name)) continue;
    // A running gateway may just have done with it.
    bytes += (await stat(join(directory, name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
