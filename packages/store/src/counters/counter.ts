/**
 * The counters: sums over calls that are kept up to date with every commit, so that nobody has to add up a million
 * calls to know what has been spent. The ledger and the limits read the same rows.
 *
 * There is a row for all calls of a month, one for each task, each key and each answerer of a task in it, and, for
 * keys with a limit per minute, one for each minute.
 *
 * @module
 */
import { sql, type Transaction } from 'kysely';
import { toBigInt } from '../integers.ts';
import type { CountersTable, Schema } from '../schema.ts';
import type { Grain } from './grain.ts';

/** Which row. What doesn't belong to its grain is empty, and so is the task of calls without one. */
export interface CounterKey {
  grain: Grain;
  /** A month, `2026-11`; of the grain `minute`, a minute, `2026-11-28T10:53`. UTC. */
  period: string;
  task?: string | undefined;
  keyId?: string | undefined;
  answeredBy?: string | undefined;
}

/** Sums over calls. */
export const callSums = [
  'calls',
  'estimated_calls',
  'prompt_tokens',
  'completion_tokens',
  'cached_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'cost_nano_usd',
  'teacher_cost_nano_usd',
] as const satisfies (keyof CountersTable)[];

/** Those, and what is set aside for calls under way or was let in. */
export const counterSums = [
  ...callSums,
  'reserved_nano_usd',
  'reserved_tokens',
  'admitted_calls',
] as const satisfies (keyof CountersTable)[];
export type CounterSum = (typeof counterSums)[number];
export type Counter = Record<CounterSum, bigint>;

/** Rows in one statement; each has some twenty parameters, of which a database takes 32,766. */
const rowsAtOnce = 200;

interface Change {
  key: CounterKey;
  by: Counter;
}

/** One text for one row. */
export function nameOf({ grain, period, task = '', keyId = '', answeredBy = '' }: CounterKey): string {
  return [grain, period, task, keyId, answeredBy].join('\0');
}

/** Changes of counters, gathered and then made at once. */
export class CounterChanges {
  readonly #changes = new Map<string, Change>();

  add(key: CounterKey, by: Partial<Counter>): void {
    const name = nameOf(key);
    let change = this.#changes.get(name);
    if (change === undefined) {
      change = { key, by: zeros() };
      this.#changes.set(name, change);
    }
    for (const sum of counterSums) change.by[sum] += by[sum] ?? 0n;
  }

  /** The changes as rows, in the order of their names. */
  rows(): (Counter & { grain: Grain; period: string; task: string; key_id: string; answered_by: string })[] {
    return [...this.#changes.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { key, by }]) => ({
        grain: key.grain,
        period: key.period,
        task: key.task ?? '',
        key_id: key.keyId ?? '',
        answered_by: key.answeredBy ?? '',
        ...by,
      }));
  }

  /**
   * Makes the changes; gives the rows as they are then, by `nameOf`. Rows that weren't there are made.
   *
   * A change of nothing is made too: it reads the row and, on a server, keeps others from changing it until this
   * transaction ends. Rows are always locked in the order of their names, so that two transactions never wait for
   * each other.
   */
  async apply(transaction: Transaction<Schema>): Promise<Map<string, Counter>> {
    const changes = this.rows();
    const counters = new Map<string, Counter>();
    for (let from = 0; from < changes.length; from += rowsAtOnce) {
      const rows = await transaction
        .insertInto('counters')
        .values(changes.slice(from, from + rowsAtOnce))
        .onConflict((conflict) =>
          conflict
            .columns(['grain', 'period', 'task', 'key_id', 'answered_by'])
            .doUpdateSet(
              Object.fromEntries(
                counterSums.map((sum) => [
                  sum,
                  sql<bigint>`${sql.ref(`counters.${sum}`)} + ${sql.ref(`excluded.${sum}`)}`,
                ]),
              ),
            ),
        )
        .returningAll()
        .execute();
      for (const row of rows) {
        const key = {
          grain: row.grain,
          period: row.period,
          task: row.task,
          keyId: row.key_id,
          answeredBy: row.answered_by,
        };
        const counter = zeros();
        for (const sum of counterSums) counter[sum] = toBigInt(row[sum]);
        counters.set(nameOf(key), counter);
      }
    }
    return counters;
  }
}

function zeros(): Counter {
  return Object.fromEntries(counterSums.map((sum) => [sum, 0n])) as Counter;
}
