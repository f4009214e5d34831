/**
 * Very many calls, without their words, put into the database at once: to record them would take minutes.
 *
 * @module
 */
import { sql } from 'kysely';
import type { Database } from '../dialect/database.ts';

export function manyCallsId(n: number, task = 'mail'): string {
  return `${task}_${String(n).padStart(7, '0')}`;
}

/** The n-th call came in at the n-th second of 1970. Of a hundred one is an error, four are disagreements. */
export async function insertManyCalls(database: Database, calls: number, task = 'mail'): Promise<void> {
  const n = sql.ref('n');
  // Counting from the end of a text is SQLite's alone.
  const padded = sql`substr('0000000' || ${n}, length('0000000' || ${n}) - 6)`;
  const one = (column: ReturnType<typeof sql>) => sql`case when ${column} then 1 else 0 end`;
  await sql`
    insert into calls (id, at, task, key_id, route, answered_by, provider, model, status, error_code, latency_ms,
      prompt_tokens, completion_tokens, cached_tokens, usage_estimated, cost_nano_usd, teacher_cost_nano_usd,
      student_id, student_confidence, student_certified, streamed, agreed)
    with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ${sql.lit(calls)})
    select ${sql.lit(`${task}_`)} || ${padded}, ${n} * 1000, ${sql.lit(task)}, 'key_1', 'cascade',
      case when ${n} % 2 = 0 then 'student' else 'teacher' end, 'acme', 'large',
      case when ${n} % 100 = 99 then 'error' else 'ok' end, case when ${n} % 100 = 99 then 'upstream_timeout' end, 1,
      10, 1, 0, 0, 1000, 2000, 'student_1', (${n} % 1000) / 1000.0, ${one(sql`${n} % 2 = 0`)}, 0,
      case when ${n} % 25 = 3 then 0 when ${n} % 5 = 1 then 1 end
    from numbers`.execute(database.write);
}
