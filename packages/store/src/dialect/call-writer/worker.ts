/**
 * The thread that writes calls, with a connection of its own.
 *
 * It uses the synchronous side of libsql: nobody else is on this thread, and the other side has a thread of its own for
 * each step. Rows are inserted one by one by a statement that is prepared once, which says itself whether the row was
 * new; statements for many rows, with what they return, take twice as long.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { Insertable, Selectable } from 'kysely';
import Libsql from 'libsql';
import { settleRows } from '../../budgets/settle.ts';
import { figuresIn, packedTexts, textsIn } from '../../calls/packed-call.ts';
import { countCalls } from '../../counters/count-call.ts';
import { CounterChanges, counterSums } from '../../counters/counter.ts';
import { type Failure, failureKeys, failureRows } from '../../performance/count-failed.ts';
import type { CallsTable, ReservationsTable } from '../../schema.ts';
import { keyIdSetting, requireKey } from '../../seal/key-setting.ts';
import { answerQuestions } from '../../threads/answer-questions.ts';
import { connectionPragmas } from '../prepare-connection.ts';
import type { WriterAnswer, WriterBatch, WriterData } from './protocol.ts';

/** The part of libsql that is used, as it behaves: its own types are another library's. */
interface RawDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): RawStatement;
  exec(sql: string): void;
  close(): void;
}

interface RawStatement {
  safeIntegers(on: boolean): this;
  run(parameters: readonly unknown[]): { changes: number };
  get(parameters: readonly unknown[]): Record<string, unknown> | undefined;
  all(parameters: readonly unknown[]): Record<string, unknown>[];
}

/** Between two looks whether a lock is free. */
const longestPauseMs = 25;

const figureColumns = Object.keys({
  id: 0,
  at: 0,
  task: 0,
  key_id: 0,
  route: 0,
  answered_by: 0,
  provider: 0,
  model: 0,
  status: 0,
  error_code: 0,
  latency_ms: 0,
  ttft_ms: 0,
  prompt_tokens: 0,
  completion_tokens: 0,
  cached_tokens: 0,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
  audio_input_tokens: 0,
  audio_output_tokens: 0,
  usage_estimated: 0,
  cost_nano_usd: 0,
  teacher_cost_nano_usd: 0,
  student_id: 0,
  student_confidence: 0,
  student_certified: 0,
  streamed: 0,
  client_request_id: 0,
  endpoint: 0,
  drawn: 0,
  audited: 0,
  agreed: 0,
  split: 0,
  reason: 0,
  waited_ms: 0,
} satisfies Record<keyof CallsTable, 0>) as (keyof CallsTable)[];

const failureColumns = [...failureKeys, 'n', 'took_ms', 'last_at'] as const;
const counterKeys = ['grain', 'period', 'task', 'key_id', 'answered_by'];

const { location, patienceMs } = workerData as WriterData;
const database = new Libsql(location, {}) as unknown as RawDatabase;
for (const pragma of connectionPragmas) database.exec(pragma);

interface Statements {
  keyId: RawStatement;
  figures: RawStatement;
  texts: RawStatement;
  settle: RawStatement;
  count: RawStatement;
  fail: RawStatement;
}

let statements: Statements | undefined;

function prepare(): Statements {
  const insert = (table: string, columns: readonly string[]) =>
    `insert into ${table} (${columns.join(',')}) values (${columns.map(() => '?').join(',')})`;
  const sums = counterSums.map((sum) => `${sum} = counters.${sum} + excluded.${sum}`);
  return {
    keyId: database.prepare('select value from settings where name = ?'),
    figures: database.prepare(`${insert('calls', figureColumns)} on conflict do nothing`),
    texts: database.prepare(insert('call_texts', ['call_id', ...packedTexts, 'bytes'])),
    settle: database.prepare('delete from reservations where call_id = ? returning *').safeIntegers(true),
    count: database.prepare(
      `${insert('counters', [...counterKeys, ...counterSums])} on conflict (${counterKeys.join(',')}) do update set ${sums.join(',')}`,
    ),
    fail: database.prepare(
      `${insert('failed_attempts', failureColumns)} on conflict (${failureKeys.join(',')}) do update set
        n = failed_attempts.n + excluded.n, took_ms = failed_attempts.took_ms + excluded.took_ms,
        last_at = max(failed_attempts.last_at, excluded.last_at)`,
    ),
  };
}

answerQuestions<WriterBatch, WriterAnswer>({
  async answer(batch) {
    await begin();
    try {
      statements ??= prepare();
      const fresh = insert(batch, statements);
      database.exec('commit');
      return fresh;
    } catch (error) {
      // A statement that failed may be left half-way and hold its lock; none is used again.
      statements = undefined;
      // After a full disk or a failed write SQLite has rolled back by itself.
      if (database.inTransaction) database.exec('rollback');
      throw error;
    }
  },
  close: () => database.close(),
});

/** Waits for other processes' transactions. SQLite could wait by itself, but not in growing pauses. */
async function begin(): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      database.exec('begin immediate');
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!/^SQLITE_(BUSY|LOCKED)/.test(code) || performance.now() > deadline) throw error;
    }
    await wait(Math.min(2 ** attempt, longestPauseMs) * (0.5 + Math.random()));
  }
}

function insert({ bodies, lengths, held, keyId }: WriterBatch, prepared: Statements): WriterAnswer {
  requireKey(prepared.keyId.get([keyIdSetting])?.value as string | undefined, keyId);
  const fresh: Insertable<CallsTable>[] = [];
  const failed: Failure[] = [];
  let at = 0;
  for (const length of lengths) {
    const body = Buffer.from(bodies.buffer, bodies.byteOffset + at, length);
    at += length;
    const figures = figuresIn(body);
    const row = figureColumns.map((column) => figures[column]);
    if (prepared.figures.run(row).changes === 0) continue;
    const texts = textsIn(body);
    const bytes = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    prepared.texts.run([figures.id, ...texts, bytes]);
    fresh.push(figures);
    if (figures.failedBefore) failed.push(...figures.failedBefore);
  }
  const changes = new CounterChanges();
  countCalls(fresh, changes);
  if (held.length > 0) settleHeld(held, fresh, changes, prepared);
  for (const row of changes.rows())
    prepared.count.run([
      ...[row.grain, row.period, row.task, row.key_id, row.answered_by],
      ...counterSums.map((sum) => row[sum]),
    ]);
  for (const row of failureRows(failed)) prepared.fail.run(failureColumns.map((column) => row[column]));
  return fresh.length === lengths.length ? 'all' : fresh.map(({ id }) => id);
}

function settleHeld(
  held: readonly string[],
  fresh: readonly Insertable<CallsTable>[],
  changes: CounterChanges,
  prepared: Statements,
): void {
  const recorded = new Map(fresh.map((figures) => [figures.id, figures]));
  const rows = held.flatMap((id) => prepared.settle.all([id]) as unknown as Selectable<ReservationsTable>[]);
  settleRows(rows, recorded, changes);
}
