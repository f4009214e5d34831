/**
 * Adds failed attempts to their hours, in the transaction that records the call they were made for.
 *
 * A row for each hour, provider and kind of failure, and none for each attempt: a provider that is down for a day fails as
 * often as there are calls.
 *
 * @module
 */
import { type Insertable, sql, type Transaction } from 'kysely';
import type { FailedAttemptsTable, Schema } from '../schema.ts';

/** A checked `FailedAttempt`, as a packed call has it: its moment in milliseconds since 1970. */
export interface Failure {
  provider: string;
  at: number;
  code: string;
  tookMs: number;
}

export const hourMs = 3_600_000;
export const failureKeys = ['provider', 'hour', 'code'] as const satisfies (keyof FailedAttemptsTable)[];

/** What is to be added, always in the same order, so that two transactions never wait for each other. */
export function failureRows(failures: readonly Failure[]) {
  const rows = new Map<string, Insertable<FailedAttemptsTable> & { n: number; last_at: number }>();
  for (const { provider, at, code, tookMs } of failures) {
    const hour = Math.floor(at / hourMs);
    const name = [provider, hour, code].join('\0');
    const row = rows.get(name) ?? { provider, hour, code, n: 0, took_ms: 0, last_at: at };
    const last_at = Math.max(row.last_at, at);
    rows.set(name, { ...row, n: row.n + 1, took_ms: row.took_ms + tookMs, last_at });
  }
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}

export async function countFailed(
  transaction: Transaction<Schema>,
  failures: readonly Failure[],
): Promise<void> {
  if (failures.length === 0) return;
  await transaction
    .insertInto('failed_attempts')
    .values(failureRows(failures))
    .onConflict((conflict) =>
      conflict.columns(failureKeys).doUpdateSet((e) => {
        const [old, more] = [e.ref('failed_attempts.last_at'), e.ref('excluded.last_at')];
        return {
          n: sql<number>`${e.ref('failed_attempts.n')} + ${e.ref('excluded.n')}`,
          took_ms: sql<number>`${e.ref('failed_attempts.took_ms')} + ${e.ref('excluded.took_ms')}`,
          last_at: sql<number>`case when ${old} > ${more} then ${old} else ${more} end`,
        };
      }),
    )
    .execute();
}
