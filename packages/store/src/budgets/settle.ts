/**
 * Takes back what was set aside for calls: when they are recorded, when they won't be, when their process is dead.
 *
 * A reservation is a row, and it is taken back by deleting that row: who deletes it takes it off the counters, in the
 * same transaction, and so it happens once, whoever else tries.
 *
 * @module
 */
import type { Insertable, Selectable, Transaction } from 'kysely';
import { subjectsOf } from '../counters/count-call.ts';
import type { CounterChanges } from '../counters/counter.ts';
import { toBigInt } from '../integers.ts';
import type { CallsTable, ReservationsTable, Schema } from '../schema.ts';

/** @param recorded the figures of those calls that are recorded in this transaction, by id */
export async function settle(
  transaction: Transaction<Schema>,
  callIds: readonly string[],
  recorded: ReadonlyMap<string, Insertable<CallsTable>>,
  changes: CounterChanges,
): Promise<void> {
  if (callIds.length === 0) return;
  const rows = await transaction
    .deleteFrom('reservations')
    .where('call_id', 'in', [...callIds])
    .returningAll()
    .execute();
  settleRows(rows, recorded, changes);
}

/** What reservations that have been deleted for these calls change. */
export function settleRows(
  rows: readonly Selectable<ReservationsTable>[],
  recorded: ReadonlyMap<string, Insertable<CallsTable>>,
  changes: CounterChanges,
): void {
  for (const row of rows) {
    free(row, changes);
    const figures = recorded.get(row.call_id);
    if (row.what === 'tokens' && figures !== undefined) {
      changes.add(minuteOfKey(row), {
        calls: 1n,
        prompt_tokens: toBigInt(figures.prompt_tokens),
        completion_tokens: toBigInt(figures.completion_tokens),
      });
    }
  }
}

/** What a reservation that has been deleted takes off the counters. */
export function free(row: Selectable<ReservationsTable>, changes: CounterChanges): void {
  const amount = -toBigInt(row.amount);
  if (row.what === 'tokens') {
    changes.add(minuteOfKey(row), { reserved_tokens: amount });
    return;
  }
  for (const subject of subjectsOf(row.period, row.task, row.key_id === '' ? null : row.key_id)) {
    changes.add(subject, { reserved_nano_usd: amount });
  }
}

function minuteOfKey(row: Selectable<ReservationsTable>) {
  return { grain: 'minute', period: row.period, keyId: row.key_id } as const;
}
