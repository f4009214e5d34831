/**
 * Histograms of inputs, added up by the database, so that several gateways may count at once.
 *
 * @module
 */
import { sql } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { toNumber } from '../integers.ts';
import type { DriftCounts, DriftDay, Histograms } from './drift-counts.ts';

const mostBins = 1_000;

export class StoredDrift implements DriftCounts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(task: string, digest: string, day: number, histograms: Histograms): Promise<void> {
    const rows = Object.entries(histograms).flatMap(([measure, counts]) =>
      counts.flatMap((n, bin) => {
        if (!Number.isSafeInteger(n) || n < 0 || bin >= mostBins)
          throw new StoreValueError(
            `A count of ${measure} is ${n}; counts are whole numbers from 0 on, of at most ${mostBins} bins.`,
          );
        return n === 0 ? [] : [{ task, student_digest: digest, day, measure, bin, n }];
      }),
    );
    if (rows.length === 0) return;
    await this.#database.exclusively((transaction) =>
      transaction
        .insertInto('drift_counts')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['task', 'student_digest', 'day', 'measure', 'bin'])
            .doUpdateSet((e) => ({ n: sql<bigint>`${e.ref('drift_counts.n')} + ${e.ref('excluded.n')}` })),
        )
        .execute(),
    );
  }

  async list(task: string, digest: string, { since }: { since?: number } = {}): Promise<DriftDay[]> {
    let query = this.#database.read
      .selectFrom('drift_counts')
      .select(['day', 'measure', 'bin', 'n'])
      .where('task', '=', task)
      .where('student_digest', '=', digest)
      .orderBy('day');
    if (since !== undefined) query = query.where('day', '>=', since);
    const days = new Map<number, DriftDay>();
    for (const row of await query.execute()) {
      const day = toNumber(row.day);
      const of = days.get(day) ?? { day, histograms: {} };
      days.set(day, of);
      const counts = of.histograms[row.measure] ?? [];
      of.histograms[row.measure] = counts;
      const bin = toNumber(row.bin);
      while (counts.length <= bin) counts.push(0);
      counts[bin] = toNumber(row.n);
    }
    return [...days.values()];
  }
}
