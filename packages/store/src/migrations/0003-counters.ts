/**
 * Counters beside the calls, what is set aside for calls under way, limits of keys, and four kinds of tokens more.
 *
 * @module
 */
import { type ColumnDefinitionBuilder, sql, type Transaction } from 'kysely';
import { monthOf, nextMonth } from '../counters/period.ts';
import { toBigInt } from '../integers.ts';
import type { CallsTable, CountersTable, Schema } from '../schema.ts';
import type { Migration } from './migration.ts';

const given = (c: ColumnDefinitionBuilder) => c.notNull();
const zero = (c: ColumnDefinitionBuilder) => c.notNull().defaultTo(0);

const newTokens = ['cache_write_tokens', 'reasoning_tokens', 'audio_input_tokens', 'audio_output_tokens'];

export const counters: Migration = {
  version: 3,
  name: 'counters',
  async up(db) {
    for (const column of newTokens) {
      await db.schema.alterTable('calls').addColumn(column, 'bigint', zero).execute();
    }
    for (const column of ['budget_nano_usd', 'requests_per_minute', 'tokens_per_minute']) {
      await db.schema.alterTable('api_keys').addColumn(column, 'bigint').execute();
    }

    await db.schema
      .createTable('counters')
      .addColumn('grain', 'text', given)
      .addColumn('period', 'text', given)
      .addColumn('task', 'text', given)
      .addColumn('key_id', 'text', given)
      .addColumn('answered_by', 'text', given)
      .addColumn('calls', 'bigint', given)
      .addColumn('estimated_calls', 'bigint', given)
      .addColumn('prompt_tokens', 'bigint', given)
      .addColumn('completion_tokens', 'bigint', given)
      .addColumn('cached_tokens', 'bigint', given)
      .addColumn('cache_write_tokens', 'bigint', given)
      .addColumn('reasoning_tokens', 'bigint', given)
      .addColumn('audio_input_tokens', 'bigint', given)
      .addColumn('audio_output_tokens', 'bigint', given)
      .addColumn('cost_nano_usd', 'bigint', given)
      .addColumn('teacher_cost_nano_usd', 'bigint', given)
      .addColumn('reserved_nano_usd', 'bigint', given)
      .addColumn('reserved_tokens', 'bigint', given)
      .addColumn('admitted_calls', 'bigint', given)
      .addPrimaryKeyConstraint('counters_key', ['grain', 'period', 'task', 'key_id', 'answered_by'])
      .execute();

    await db.schema
      .createTable('reservations')
      .addColumn('call_id', 'text', given)
      .addColumn('what', 'text', given)
      .addColumn('amount', 'bigint', given)
      .addColumn('period', 'text', given)
      .addColumn('task', 'text', given)
      .addColumn('key_id', 'text', given)
      .addColumn('instance_id', 'text', given)
      .addPrimaryKeyConstraint('reservations_key', ['call_id', 'what'])
      .execute();
    await db.schema
      .createIndex('reservations_by_instance')
      .on('reservations')
      .column('instance_id')
      .execute();
    await db.schema
      .createTable('instances')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('beat', 'bigint', given)
      .execute();

    await countWhatIsThere(db);
  },
};

/** Month by month, those without calls passed over. The new kinds of tokens are zero in all calls there are. */
async function countWhatIsThere(db: Transaction<Schema>): Promise<void> {
  const first = async (from = Number.MIN_SAFE_INTEGER) => {
    const { at } = await db
      .selectFrom('calls')
      .select((e) => e.fn.min('at').as('at'))
      .where('at', '>=', from)
      .executeTakeFirstOrThrow();
    return at === null ? undefined : Number(at);
  };
  for (let from = await first(); from !== undefined; from = await first(nextMonth(from))) {
    for (const [grain, columns] of groups) {
      let query = db
        .selectFrom('calls')
        .where('at', '>=', from)
        .where('at', '<', nextMonth(from))
        .select([...columns])
        .select((e) => [
          e.fn.countAll<Whole>().as('calls'),
          summed('usage_estimated').as('estimated_calls'),
          summed('prompt_tokens').as('prompt_tokens'),
          summed('completion_tokens').as('completion_tokens'),
          summed('cached_tokens').as('cached_tokens'),
          summed('cost_nano_usd').as('cost_nano_usd'),
          summed('teacher_cost_nano_usd').as('teacher_cost_nano_usd'),
        ])
        // Without calls there is no group, also where all of the month would be one.
        .having((e) => e.fn.countAll(), '>', 0);
      if (columns.length > 0) query = query.groupBy([...columns]);
      if (grain === 'key') query = query.where('key_id', 'is not', null);
      for (const row of await query.execute()) {
        await db
          .insertInto('counters')
          .values({
            grain,
            period: monthOf(from),
            task: row.task ?? '',
            key_id: row.key_id ?? '',
            answered_by: row.answered_by ?? '',
            calls: toBigInt(row.calls),
            estimated_calls: toBigInt(row.estimated_calls),
            prompt_tokens: toBigInt(row.prompt_tokens),
            completion_tokens: toBigInt(row.completion_tokens),
            cached_tokens: toBigInt(row.cached_tokens),
            cache_write_tokens: 0,
            reasoning_tokens: 0,
            audio_input_tokens: 0,
            audio_output_tokens: 0,
            cost_nano_usd: toBigInt(row.cost_nano_usd),
            teacher_cost_nano_usd: toBigInt(row.teacher_cost_nano_usd),
            reserved_nano_usd: 0,
            reserved_tokens: 0,
            admitted_calls: 0,
          })
          .execute();
      }
    }
  }
}

type Whole = number | bigint | string;

const groups: [CountersTable['grain'], ('task' | 'key_id' | 'answered_by')[]][] = [
  ['total', []],
  ['task', ['task']],
  ['key', ['key_id']],
  ['answerer', ['task', 'answered_by']],
];

/** Cast: Postgres makes a `numeric` of a sum of whole numbers. */
function summed(column: keyof CallsTable) {
  return sql<Whole>`cast(sum(${sql.ref(column)}) as bigint)`;
}
