/**
 * The runs, written down and read.
 *
 * @module
 */
import type { Selectable } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toDate, toDateOrNull, toNumber } from '../integers.ts';
import type { RunsTable } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import type {
  NewRun,
  Run,
  RunChange,
  RunEnd,
  RunPage,
  RunPoint,
  RunProcess,
  RunState,
  Runs,
  WholeRun,
} from './run.ts';

const usualPage = 50;
const largestPage = 1_000;
/**
 * After so long without a word, a process is taken for dead, milliseconds: many times what lies between two words, for a
 * process may be busy, and clocks of two machines differ a little.
 */
const silenceMs = 20_000;
/** Of runs that have ended, so many are kept. */
const mostKept = 500;
/** Points in one statement: SQLite takes a limited number of parameters. */
const pointsAtOnce = 500;

/** An id for a run that is still to begin. */
export function newRunId(): string {
  return `run_${uuid7()}`;
}

const columns = [
  'id',
  'task',
  'source',
  'kind',
  'state',
  'begun_at',
  'beat_at',
  'ended_at',
  'stop_wanted_at',
  'process',
  'settings',
  'dataset',
  'progress',
  'end_facts',
] as const;

export class StoredRuns implements Runs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async begin({ id = newRunId(), task, source, process, settings }: NewRun): Promise<string> {
    const now = Date.now();
    await this.#database.exclusively(async (transaction) => {
      await transaction
        .insertInto('runs')
        .values({
          ...{ id, task, source, kind: null, state: 'running' as const },
          ...{ begun_at: now, beat_at: now, ended_at: null, stop_wanted_at: null },
          process: JSON.stringify(process),
          settings: JSON.stringify(settings),
          ...{ dataset: null, plan: null, progress: null, timeline: null, end_facts: null },
        })
        .execute();
      const oldest = await transaction
        .selectFrom('runs')
        .select('id')
        .orderBy('begun_at', 'desc')
        .orderBy('id', 'desc')
        .offset(mostKept)
        .limit(largestPage)
        .execute();
      const gone = oldest.map((run) => run.id);
      if (gone.length > 0)
        await transaction
          .deleteFrom('runs')
          .where('id', 'in', gone)
          .where('beat_at', '<', now - silenceMs)
          .execute();
    });
    return id;
  }

  goOn(id: string, process: RunProcess, { isAlone = false } = {}): Promise<boolean> {
    return this.#database.exclusively(async (transaction) => {
      const row = await transaction
        .selectFrom('runs')
        .select(['state', 'beat_at'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined || row.state === 'done' || !(isAlone || mayGoOn(stateOf(row)))) return false;
      await transaction
        .updateTable('runs')
        .set({
          ...{ state: 'running', beat_at: Date.now(), ended_at: null, stop_wanted_at: null, end_facts: null },
          process: JSON.stringify(process),
        })
        .where('id', '=', id)
        .execute();
      return true;
    });
  }

  async note(id: string, change: RunChange = {}): Promise<boolean> {
    const { kind, points = [] } = change;
    const json = (part: 'dataset' | 'plan' | 'progress' | 'timeline') =>
      change[part] === undefined ? {} : { [part]: JSON.stringify(change[part]) };
    const wanted = await this.#database.exclusively(async (transaction) => {
      await transaction
        .updateTable('runs')
        .set({
          beat_at: Date.now(),
          ...(kind !== undefined && { kind }),
          ...{ ...json('dataset'), ...json('plan'), ...json('progress'), ...json('timeline') },
        })
        .where('id', '=', id)
        .execute();
      for (let from = 0; from < points.length; from += pointsAtOnce) {
        const rows = points.slice(from, from + pointsAtOnce).map((point) => ({
          ...{ run_id: id, step: point.step, loss: point.loss, learning_rate: point.learningRate },
          ...{ tokens_per_second: point.tokensPerSecond, agreement: point.agreement },
          validation_loss: point.validationLoss,
        }));
        await transaction
          .insertInto('run_points')
          .values(rows)
          .onConflict((conflict) =>
            conflict.columns(['run_id', 'step']).doUpdateSet((e) => ({
              loss: e.ref('excluded.loss'),
              learning_rate: e.ref('excluded.learning_rate'),
              tokens_per_second: e.ref('excluded.tokens_per_second'),
              agreement: e.ref('excluded.agreement'),
              validation_loss: e.ref('excluded.validation_loss'),
            })),
          )
          .execute();
      }
      const row = await transaction
        .selectFrom('runs')
        .select('stop_wanted_at')
        .where('id', '=', id)
        .executeTakeFirst();
      return (row?.stop_wanted_at ?? null) !== null;
    });
    if (change.timeline !== undefined) await this.#database.tidy();
    return wanted;
  }

  async end(id: string, how: RunEnd, facts: Record<string, unknown> = {}): Promise<void> {
    const now = Date.now();
    await this.#database.exclusively((transaction) =>
      transaction
        .updateTable('runs')
        .set({ state: how, beat_at: now, ended_at: now, end_facts: JSON.stringify(facts) })
        .where('id', '=', id)
        .execute(),
    );
  }

  wantStop(id: string): Promise<boolean> {
    return this.#database.exclusively(async (transaction) => {
      const row = await transaction
        .selectFrom('runs')
        .select(['state', 'beat_at'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined || stateOf(row) !== 'running') return false;
      await transaction
        .updateTable('runs')
        .set({ stop_wanted_at: Date.now() })
        .where('id', '=', id)
        .where('stop_wanted_at', 'is', null)
        .execute();
      return true;
    });
  }

  async get(id: string): Promise<WholeRun | undefined> {
    const row = await this.#database.read
      .selectFrom('runs')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { ...fromRow(row), plan: parsed(row.plan), timeline: parsed(row.timeline) };
  }

  async list({ task, limit = usualPage, before }: RunPage = {}): Promise<Run[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
      throw new StoreValueError(`A page of ${limit} runs was asked for; ask for 1 to ${largestPage}.`);
    let query = this.#database.read
      .selectFrom('runs')
      .select(columns)
      .orderBy('begun_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    if (task !== undefined) query = query.where('task', '=', task);
    if (before !== undefined) query = query.where('begun_at', '<', fromDate(before, 'before'));
    return (await query.execute()).map(fromRow);
  }

  async points(id: string, { after = 0 }: { after?: number } = {}): Promise<RunPoint[]> {
    const rows = await this.#database.read
      .selectFrom('run_points')
      .selectAll()
      .where('run_id', '=', id)
      .where('step', '>', after)
      .orderBy('step')
      .execute();
    return rows.map((row) => ({
      ...{ step: toNumber(row.step), loss: row.loss, learningRate: row.learning_rate },
      ...{ tokensPerSecond: row.tokens_per_second, agreement: row.agreement },
      validationLoss: row.validation_loss,
    }));
  }
}

function stateOf({ state, beat_at }: Pick<Selectable<RunsTable>, 'state' | 'beat_at'>): RunState {
  return state === 'running' && Date.now() - toNumber(beat_at) > silenceMs ? 'interrupted' : state;
}

function mayGoOn(state: RunState): boolean {
  return state !== 'running' && state !== 'done';
}

function fromRow(row: Pick<Selectable<RunsTable>, (typeof columns)[number]>): Run {
  return {
    ...{ id: row.id, task: row.task, source: row.source, kind: row.kind, state: stateOf(row) },
    ...{ begunAt: toDate(row.begun_at), beatAt: toDate(row.beat_at), endedAt: toDateOrNull(row.ended_at) },
    stopWantedAt: toDateOrNull(row.stop_wanted_at),
    process: JSON.parse(row.process),
    settings: JSON.parse(row.settings),
    ...{ dataset: parsed(row.dataset), progress: parsed(row.progress), end: parsed(row.end_facts) },
  };
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
