/**
 * The sums of the ledger, made by the database over the narrow rows of calls.
 *
 * @module
 */
import { type ExpressionBuilder, sql } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { fromDate, toBigInt, toNumber, toUsd } from '../integers.ts';
import type { Schema } from '../schema.ts';
import type { Ledger, LedgerFilter, LedgerRow, LedgerSums } from './ledger-row.ts';

type Whole = number | bigint | string;

interface SumsRow {
  calls: Whole;
  prompt_tokens: Whole | null;
  completion_tokens: Whole | null;
  cached_tokens: Whole | null;
  cost: Whole | null;
  teacher_cost: Whole | null;
}

export class StoredLedger implements Ledger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async summary(filter: LedgerFilter = {}): Promise<LedgerRow[]> {
    const rows = await this.#filtered(filter)
      .select(['task', 'answered_by'])
      .select(sums)
      .groupBy(['task', 'answered_by'])
      .execute();
    return rows
      .map((row): LedgerRow => ({ task: row.task, answeredBy: row.answered_by, ...toSums(row) }))
      .sort(byTask);
  }

  async totals(filter: LedgerFilter = {}): Promise<LedgerSums> {
    return toSums(await this.#filtered(filter).select(sums).executeTakeFirstOrThrow());
  }

  #filtered(filter: LedgerFilter) {
    let query = this.#database.read.selectFrom('calls');
    if (filter.task !== undefined) query = query.where('task', '=', filter.task);
    if (filter.since !== undefined) query = query.where('at', '>=', fromDate(filter.since, 'since'));
    if (filter.until !== undefined) query = query.where('at', '<', fromDate(filter.until, 'until'));
    return query;
  }
}

function sums(e: ExpressionBuilder<Schema, 'calls'>) {
  // Cast: Postgres makes a `numeric` of a sum of whole numbers.
  const sum = (column: keyof Schema['calls']) => sql<Whole | null>`cast(sum(${e.ref(column)}) as bigint)`;
  return [
    e.fn.countAll<Whole>().as('calls'),
    sum('prompt_tokens').as('prompt_tokens'),
    sum('completion_tokens').as('completion_tokens'),
    sum('cached_tokens').as('cached_tokens'),
    sum('cost_nano_usd').as('cost'),
    sum('teacher_cost_nano_usd').as('teacher_cost'),
  ];
}

function toSums(row: SumsRow): LedgerSums {
  const cost = toBigInt(row.cost);
  const teacherCost = toBigInt(row.teacher_cost);
  return {
    calls: toNumber(row.calls),
    promptTokens: toNumber(row.prompt_tokens),
    completionTokens: toNumber(row.completion_tokens),
    cachedTokens: toNumber(row.cached_tokens),
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
  return a.answeredBy === b.answeredBy ? 0 : a.answeredBy === 'teacher' ? -1 : 1;
}
