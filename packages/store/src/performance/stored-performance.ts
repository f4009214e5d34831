/**
 * How providers and answerers have done: added up and ranked by the database, over the narrow rows of calls.
 *
 * @module
 */
import { type Expression, sql } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { fromDate, toDate, toNumber } from '../integers.ts';
import { hourMs } from './count-failed.ts';
import type { AnswererPerformance, LatencyRanks, Performance, ProviderPerformance } from './performance.ts';
import { ProviderSums } from './provider-sums.ts';

type Whole = number | bigint | string;

export class StoredPerformance implements Performance {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async ofProviders({ since }: { since?: Date } = {}): Promise<ProviderPerformance[]> {
    const from = since === undefined ? null : fromDate(since, 'since');
    const { read } = this.#database;
    const calls = () =>
      read
        .selectFrom('calls')
        .where('answered_by', '=', 'teacher')
        .where('provider', 'is not', null)
        .$if(from !== null, (query) => query.where('at', '>=', from!));
    const took = sql<number>`latency_ms - coalesce(waited_ms, 0)`;
    const counted = await calls()
      .groupBy(['provider', 'status', 'error_code'])
      .select(['provider', 'status', 'error_code', (e) => e.fn.countAll<Whole>().as('n')])
      .select((e) => e.fn.max('at').as('last'))
      .select(sql<number>`sum(${took})`.as('took'))
      .execute();
    const audited = await read
      .selectFrom('audits')
      .where('provider', 'is not', null)
      .$if(from !== null, (query) => query.where('at', '>=', from!))
      .groupBy(['provider', 'error_code'])
      .select(['provider', 'error_code', (e) => e.fn.countAll<Whole>().as('n')])
      .select((e) => e.fn.max('at').as('last'))
      .execute();
    const passedOn = await read
      .selectFrom('failed_attempts')
      .$if(from !== null, (query) => query.where('hour', '>=', Math.floor(from! / hourMs)))
      .groupBy(['provider', 'code'])
      .select(['provider', 'code'])
      .select(sql<Whole>`cast(sum(n) as bigint)`.as('n'))
      .select(sql<number>`sum(took_ms)`.as('took'))
      .select((e) => e.fn.max('last_at').as('last'))
      .execute();
    const ranked = await this.#ranks(
      calls()
        .where('status', '=', 'ok')
        .select(['provider as name', took.as('latency_ms'), ...places(sql.ref('provider'), took)]),
    );
    const providers = new Map<string, ProviderSums>();
    const of = (name: string) => {
      const known = providers.get(name) ?? new ProviderSums(name, ranked.get(name) ?? null);
      providers.set(name, known);
      return known;
    };
    for (const { provider, status, error_code, n, last, took } of counted) {
      const times = toNumber(n);
      if (status === 'error') of(provider!).fail(error_code, times, last, Number(took));
      else if (status === 'aborted') of(provider!).leave(times);
      else of(provider!).answer(times, last);
    }
    for (const { provider, error_code, n, last } of audited) {
      if (error_code === null) of(provider!).answer(toNumber(n), last);
      else of(provider!).fail(error_code, toNumber(n), last);
    }
    for (const { provider, code, n, took, last } of passedOn)
      of(provider).fail(code, toNumber(n), last, Number(took), true);
    return [...providers.values()]
      .map((sums) => sums.result())
      .sort((a, b) => (a.provider < b.provider ? -1 : 1));
  }

  async ofTask(task: string, { since }: { since?: Date } = {}): Promise<AnswererPerformance[]> {
    const calls = () =>
      this.#database.read
        .selectFrom('calls')
        .where('task', '=', task)
        .where('answered_by', '!=', 'cache')
        .where('status', '=', 'ok')
        // What labelling asked for, and what a person tried at the console, is no application's call.
        .where((e) => e.or([e('drawn', 'is', null), e('drawn', '=', 'escalated')]))
        .$if(since !== undefined, (query) => query.where('at', '>=', fromDate(since!, 'since')));
    const sums = await calls()
      .groupBy('answered_by')
      .select((e) => [
        'answered_by',
        e.fn.countAll<Whole>().as('n'),
        e.fn.min('at').as('first'),
        e.fn.max('at').as('last'),
        sql<Whole>`cast(sum(${e.ref('prompt_tokens')}) as bigint)`.as('prompt'),
        sql<Whole>`cast(sum(${e.ref('completion_tokens')}) as bigint)`.as('completion'),
        sql<Whole>`cast(sum(${e.ref('cached_tokens')}) as bigint)`.as('cached'),
        e.fn.avg<number>('latency_ms').as('mean'),
      ])
      .execute();
    const ranked = await this.#ranks(
      calls().select(['answered_by as name', 'latency_ms', ...places(sql.ref('answered_by'))]),
    );
    return sums
      .map((row) => ({
        answeredBy: row.answered_by as AnswererPerformance['answeredBy'],
        calls: toNumber(row.n),
        promptTokens: toNumber(row.prompt),
        completionTokens: toNumber(row.completion),
        cachedTokens: toNumber(row.cached),
        first: toDate(row.first as Whole),
        last: toDate(row.last as Whole),
        latency: ranked.get(row.answered_by)!,
        meanLatencyMs: Number(row.mean),
      }))
      .sort((a, b) => (a.answeredBy > b.answeredBy ? -1 : 1));
  }

  /** Of each name the ranks of its calls. */
  async #ranks(placed: Parameters<typeof pick>[1]): Promise<Map<string, LatencyRanks>> {
    const found = new Map<string, LatencyRanks>();
    for (const { name, latency_ms, place, n } of await pick(this.#database, placed)) {
      const calls = toNumber(n);
      const ranks = found.get(name) ?? { calls, p50: 0, p95: 0, p99: 0 };
      found.set(name, ranks);
      for (const [rank, share] of percentiles)
        if (toNumber(place) === nearestRank(calls, share)) ranks[rank] = Number(latency_ms);
    }
    return found;
  }
}

const percentiles = [
  ['p50', 50],
  ['p95', 95],
  ['p99', 99],
] as const;

/** The rank of the smallest value that so many per cent of all are at or below; from 1. */
function nearestRank(n: number, percent: number): number {
  return Math.floor((n * percent + 99) / 100);
}

/** Each call's place among those of its group, fastest first, and how many there are. */
function places(group: Expression<unknown>, latency: Expression<number> = sql.ref('latency_ms')) {
  return [
    sql<Whole>`row_number() over (partition by ${group} order by ${latency})`.as('place'),
    sql<Whole>`count(*) over (partition by ${group})`.as('n'),
  ] as const;
}

/** The placed calls that are a percentile of their group. Whole numbers throughout, so that both databases round alike. */
function pick(
  database: Database,
  placed: Expression<{ name: string | null; latency_ms: number; place: Whole; n: Whole }>,
) {
  const ranks = percentiles.map(([, percent]) => sql`(n * ${sql.lit(percent)} + 99) / 100`);
  return sql<{ name: string; latency_ms: number; place: Whole; n: Whole }>`
    select name, latency_ms, place, n from (${placed}) as placed where place in (${sql.join(ranks)})`
    .execute(database.read)
    .then(({ rows }) => rows);
}
