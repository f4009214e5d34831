/**
 * The sums of the ledger.
 *
 * Whole months are read from the counters, which the limits hold to as well; any other time is added up by the
 * database over the narrow rows of calls.
 *
 * @module
 */
import { type ExpressionBuilder, sql } from 'kysely';
import { type Counter, callSums } from '../counters/counter.ts';
import { isMonthStart, monthOf } from '../counters/period.ts';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toBigInt, toNumber, toUsd } from '../integers.ts';
import { answerers } from '../route.ts';
import type { CallsTable, CountersTable, Schema } from '../schema.ts';
import type {
  Ledger,
  LedgerFilter,
  LedgerRow,
  LedgerStep,
  LedgerSums,
  TimelineFilter,
} from './ledger-row.ts';

type Whole = number | bigint | string;
type SumsRow = { [S in keyof LedgerCounter]: Whole | null };
type LedgerCounter = Pick<Counter, (typeof callSums)[number]>;

export class StoredLedger implements Ledger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async summary(filter: LedgerFilter = {}): Promise<LedgerRow[]> {
    const rows = isWholeMonths(filter)
      ? await this.#counters('answerer', filter)
          .select(['task', 'answered_by'])
          .select(sumsOfCounters)
          .groupBy(['task', 'answered_by'])
          .execute()
      : await this.#calls(filter)
          .select(['task', 'answered_by'])
          .select(sumsOfCalls)
          .groupBy(['task', 'answered_by'])
          .execute();
    return rows
      .map(
        (row): LedgerRow => ({
          task: row.task === '' ? null : row.task,
          answeredBy: row.answered_by as LedgerRow['answeredBy'],
          ...toSums(row),
        }),
      )
      .sort(byTask);
  }

  async totals(filter: LedgerFilter = {}): Promise<LedgerSums> {
    const row = isWholeMonths(filter)
      ? await this.#counters(filter.task === undefined ? 'total' : 'task', filter)
          .select(sumsOfCounters)
          .executeTakeFirstOrThrow()
      : await this.#calls(filter).select(sumsOfCalls).executeTakeFirstOrThrow();
    return toSums(row);
  }

  async timeline({ since, until, stepMs, task }: TimelineFilter): Promise<LedgerStep[]> {
    if (!Number.isSafeInteger(stepMs) || stepMs < 1_000)
      throw new StoreValueError(`A step of ${stepMs} ms is none; it must be a whole number from 1,000 on.`);
    const from = fromDate(since, 'since');
    // Both are whole numbers that were checked. As parameters they would be floating point to one kind of database.
    const step = sql<Whole>`(at - ${sql.lit(from)}) / ${sql.lit(stepMs)}`;
    const rows = await this.#calls({ since, until, ...(task !== undefined && { task }) })
      .select([step.as('step'), 'answered_by', (e) => e.fn.countAll<Whole>().as('calls')])
      .select([summed(sql.ref('cost_nano_usd')).as('cost')])
      .select([summed(sql.ref('teacher_cost_nano_usd')).as('teacher_cost')])
      .groupBy([sql`1`, 'answered_by'])
      .execute();
    return rows
      .map((row) => ({
        at: new Date(from + toNumber(row.step) * stepMs),
        answeredBy: row.answered_by,
        calls: toNumber(row.calls),
        cost: toUsd(toBigInt(row.cost)),
        teacherCost: toUsd(toBigInt(row.teacher_cost)),
      }))
      .sort(
        (a, b) =>
          a.at.getTime() - b.at.getTime() ||
          answerers.indexOf(a.answeredBy) - answerers.indexOf(b.answeredBy),
      );
  }

  #counters(grain: CountersTable['grain'], { task, since, until }: LedgerFilter) {
    let query = this.#database.read
      .selectFrom('counters')
      .where('grain', '=', grain)
      // Rows that only limits have made.
      .where('calls', '>', 0);
    if (task !== undefined) query = query.where('task', '=', task);
    if (since !== undefined) query = query.where('period', '>=', monthOf(since.getTime()));
    if (until !== undefined) query = query.where('period', '<', monthOf(until.getTime()));
    return query;
  }

  #calls(filter: LedgerFilter) {
    let query = this.#database.read.selectFrom('calls');
    if (filter.task !== undefined) query = query.where('task', '=', filter.task);
    if (filter.since !== undefined) query = query.where('at', '>=', fromDate(filter.since, 'since'));
    if (filter.until !== undefined) query = query.where('at', '<', fromDate(filter.until, 'until'));
    return query;
  }
}

function isWholeMonths({ since, until }: LedgerFilter): boolean {
  return [since, until].every((moment) => moment === undefined || isMonthStart(moment.getTime()));
}

// Cast: Postgres makes a `numeric` of a sum of whole numbers.
const summed = (column: ReturnType<typeof sql.ref>) => sql<Whole | null>`cast(sum(${column}) as bigint)`;

function sumsOfCounters() {
  return callSums.map((sum) => summed(sql.ref(sum)).as(sum));
}

function sumsOfCalls(e: ExpressionBuilder<Schema, 'calls'>) {
  return callSums.map((sum) => {
    if (sum === 'calls') return e.fn.countAll<Whole>().as(sum);
    const column: keyof CallsTable = sum === 'estimated_calls' ? 'usage_estimated' : sum;
    return summed(sql.ref(column)).as(sum);
  });
}

function toSums(row: SumsRow): LedgerSums {
  const cost = toBigInt(row.cost_nano_usd);
  const teacherCost = toBigInt(row.teacher_cost_nano_usd);
  return {
    calls: toNumber(row.calls),
    estimatedCalls: toNumber(row.estimated_calls),
    promptTokens: toNumber(row.prompt_tokens),
    completionTokens: toNumber(row.completion_tokens),
    cachedTokens: toNumber(row.cached_tokens),
    cacheWriteTokens: toNumber(row.cache_write_tokens),
    reasoningTokens: toNumber(row.reasoning_tokens),
    audioInputTokens: toNumber(row.audio_input_tokens),
    audioOutputTokens: toNumber(row.audio_output_tokens),
    cost: toUsd(cost),
    teacherCost: toUsd(teacherCost),
    saved: toUsd(teacherCost - cost),
  };
}

/** Sorted here and not by the database: where null comes, and how names are ordered, differs between them. */
function byTask(a: LedgerRow, b: LedgerRow): number {
  if (a.task !== b.task) {
    if (a.task === null) return 1;
    if (b.task === null) return -1;
    return a.task < b.task ? -1 : 1;
  }
  return answerers.indexOf(a.answeredBy) - answerers.indexOf(b.answeredBy);
}
