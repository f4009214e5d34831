/**
 * Calls counted by hour or day, for charts.
 *
 * @module
 */
import { sql } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { toBigInt, toNumber, toUsd } from '../integers.ts';
import type { CallFilter, CallGrain, CallsInTime } from './call.ts';
import { matching } from './call-filter.ts';
import { stretches, within } from './windows.ts';

const lengths: Record<CallGrain, number> = { hour: 3_600_000, day: 86_400_000 };

interface Sums {
  teacher: number;
  student: number;
  cache: number;
  failed: number;
  cost: bigint;
  teacherCost: bigint;
}

export async function timelineOf(
  database: Database,
  filter: CallFilter,
  grain: CallGrain,
  signal?: AbortSignal,
): Promise<CallsInTime[]> {
  const length = lengths[grain];
  if (length === undefined)
    throw new StoreValueError(`${JSON.stringify(grain)} is no span of time; it must be hour or day.`);
  // Not as a parameter: SQLite would take it for a fraction, and divide accordingly.
  const bucket = sql<number | bigint | string>`${sql.ref('calls.at')} / ${sql.lit(length)}`;
  const found = new Map<number, Sums>();
  for await (const stretch of stretches(database, filter)) {
    signal?.throwIfAborted();
    const rows = await database.read
      .selectFrom('calls')
      .select(['answered_by', 'status', bucket.as('bucket'), (e) => e.fn.countAll().as('n')])
      .select(sql<number | bigint | string>`cast(sum(cost_nano_usd) as bigint)`.as('cost'))
      .select(sql<number | bigint | string>`cast(sum(teacher_cost_nano_usd) as bigint)`.as('teacher_cost'))
      .where(within(filter, stretch))
      .where(matching(filter))
      .groupBy([bucket, 'answered_by', 'status'])
      .execute();
    for (const row of rows) {
      const at = toNumber(row.bucket) * length;
      const sums = found.get(at) ?? {
        ...{ teacher: 0, student: 0, cache: 0, failed: 0, cost: 0n, teacherCost: 0n },
      };
      const n = toNumber(row.n);
      sums[row.status === 'error' ? 'failed' : row.answered_by] += n;
      sums.cost += toBigInt(row.cost);
      sums.teacherCost += toBigInt(row.teacher_cost);
      found.set(at, sums);
    }
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .map(([at, { teacher, student, cache, failed, cost, teacherCost }]) => ({
      at: new Date(at),
      ...{ calls: teacher + student + cache + failed, teacher, student, cache, failed },
      cost: toUsd(cost),
      teacherCost: toUsd(teacherCost),
    }));
}
