/**
 * Puts calls into the database, in one transaction with the counters of what was spent and with what was set aside for
 * these calls.
 *
 * @module
 */
import type { Transaction } from 'kysely';
import { settle } from '../budgets/settle.ts';
import { countCalls } from '../counters/count-call.ts';
import { CounterChanges } from '../counters/counter.ts';
import { countFailed } from '../performance/count-failed.ts';
import type { Schema } from '../schema.ts';
import { assertCurrentKey } from '../seal/key-setting.ts';
import { type CallRows, type PackedCall, unpackCall } from './packed-call.ts';

/** What goes into one transaction. */
export interface CallBatch {
  calls: readonly PackedCall[];
  /** Ids of those that have something set aside. */
  held: readonly string[];
  /** Of the key that their texts are sealed with. */
  keyId: string;
}

/**
 * The ids that were new.
 *
 * @throws StoreKeyError where the store's key was changed since the texts were sealed
 */
export async function insertCalls(
  transaction: Transaction<Schema>,
  { calls, held, keyId }: CallBatch,
): Promise<string[]> {
  await assertCurrentKey(transaction, { keyId });
  const rows = calls.map(({ body }) => unpackCall(body));
  const ids = new Set(await insertFigures(transaction, rows));
  // Of two with one id the first.
  const fresh = new Map<string, CallRows>();
  for (const call of rows) {
    if (ids.has(call.id) && !fresh.has(call.id)) fresh.set(call.id, call);
  }
  if (fresh.size > 0) await insertTexts(transaction, [...fresh.values()]);
  const changes = new CounterChanges();
  const figures = new Map([...fresh].map(([id, call]) => [id, call.figures]));
  countCalls(figures.values(), changes);
  await settle(transaction, held, figures, changes);
  await countFailed(
    transaction,
    [...fresh.values()].flatMap(({ failedBefore = [] }) => failedBefore),
  );
  await changes.apply(transaction);
  return [...ids];
}

async function insertFigures(
  transaction: Transaction<Schema>,
  calls: readonly CallRows[],
): Promise<string[]> {
  const inserted = await transaction
    .insertInto('calls')
    .values(calls.map(({ figures }) => figures))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  return inserted.map(({ id }) => id);
}

async function insertTexts(transaction: Transaction<Schema>, calls: readonly CallRows[]): Promise<void> {
  await transaction
    .insertInto('call_texts')
    .values(calls.map(({ texts }) => texts))
    .execute();
}
