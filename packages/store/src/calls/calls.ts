/**
 * Reading, counting and deleting calls; recording is handed on to the recorder.
 *
 * @module
 */
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toNumber } from '../integers.ts';
import type { Seal } from '../seal/seal.ts';
import type {
  Agreement,
  AgreementFilter,
  Call,
  CallFilter,
  CallGrain,
  CallPage,
  CallSearch,
  Calls,
  CallsInTime,
  Example,
  NewCall,
  SearchStep,
  TeacherAnswers,
} from './call.ts';
import { inScope, isNarrow, matching } from './call-filter.ts';
import { fromRow, type JoinedRow } from './call-row.ts';
import { timelineOf } from './call-timeline.ts';
import { cursorAfter } from './cursor-after.ts';
import { joinedCalls } from './joined-calls.ts';
import { pageLimit } from './page-limit.ts';
import { readExamples, teachable } from './read-examples.ts';
import type { Recorder } from './recorder.ts';
import { searchCalls } from './search-calls.ts';
import { stretches, within } from './windows.ts';

/** Texts deleted in one transaction; others can write in between. */
const deletedAtOnce = 1_000;
/** Calls marked in one transaction. */
const markedAtOnce = 500;

export class StoredCalls implements Calls {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #recorder: Recorder;

  constructor(database: Database, seal: Seal, recorder: Recorder) {
    this.#database = database;
    this.#seal = seal;
    this.#recorder = recorder;
  }

  record(call: NewCall): Promise<string> {
    return this.#recorder.record(call);
  }

  async list(page: CallPage = {}): Promise<Call[]> {
    const { limit: wanted, before: first, skip = 0, ...filter } = page;
    const limit = pageLimit(wanted);
    if (!Number.isSafeInteger(skip) || skip < 0)
      throw new StoreValueError(`${skip} calls can't be passed over; it must be a whole number, 0 or more.`);
    const before = skip === 0 ? first : await cursorAfter(this.#database, filter, skip, first);
    if (skip > 0 && before === undefined) return [];
    const ordered = joinedCalls(this.#database.read).orderBy('calls.at', 'desc').orderBy('calls.id', 'desc');
    const open = (row: JoinedRow) => fromRow(row, this.#seal);
    if (!isNarrow(filter)) {
      const rows = await ordered.where(inScope(filter, before)).limit(limit).execute();
      return rows.map(open);
    }
    const calls: Call[] = [];
    for await (const stretch of stretches(this.#database, filter, { before })) {
      const rows = await ordered
        .where(within(filter, stretch))
        .where(matching(filter))
        .limit(limit - calls.length)
        .execute();
      calls.push(...rows.map(open));
      if (calls.length === limit) break;
    }
    return calls;
  }

  async get(id: string): Promise<Call | undefined> {
    const row = await joinedCalls(this.#database.read).where('calls.id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row, this.#seal);
  }

  async count(
    { before, ...filter }: CallFilter & Pick<CallPage, 'before'> = {},
    signal?: AbortSignal,
  ): Promise<number> {
    const counting = this.#database.read.selectFrom('calls').select((e) => e.fn.countAll().as('n'));
    if (!isNarrow(filter)) {
      const { n } = await counting.where(inScope(filter, before)).executeTakeFirstOrThrow();
      return toNumber(n);
    }
    let sum = 0;
    for await (const stretch of stretches(this.#database, filter, { before })) {
      signal?.throwIfAborted();
      const { n } = await counting
        .where(within(filter, stretch))
        .where(matching(filter))
        .executeTakeFirstOrThrow();
      sum += toNumber(n);
    }
    return sum;
  }

  timeline(filter: CallFilter, grain: CallGrain, signal?: AbortSignal): Promise<CallsInTime[]> {
    return timelineOf(this.#database, filter, grain, signal);
  }

  search(search: CallSearch): AsyncIterable<SearchStep> {
    return searchCalls(this.#database, this.#seal, search);
  }

  async countTeachable(
    task: string,
    { since, random = false }: { since?: Date; random?: boolean } = {},
  ): Promise<number> {
    let query = teachable(this.#database.read, task).select((e) => e.fn.countAll().as('n'));
    if (since !== undefined) query = query.where('calls.at', '>=', fromDate(since, 'since'));
    if (random)
      query = query.where((e) => e.or([e('calls.drawn', 'is', null), e('calls.drawn', '=', 'random')]));
    return toNumber((await query.executeTakeFirstOrThrow()).n);
  }

  async teachers(task: string, { until }: { until?: Date } = {}): Promise<TeacherAnswers[]> {
    let query = teachable(this.#database.read, task)
      .select(['calls.answered_by', 'calls.provider', 'calls.model'])
      .select(['audits.provider as audit_provider', 'audits.model as audit_model'])
      .select((e) => e.fn.countAll().as('n'))
      .groupBy(['calls.answered_by', 'calls.provider', 'calls.model'])
      .groupBy(['audits.provider', 'audits.model']);
    if (until !== undefined) query = query.where('calls.at', '<=', fromDate(until, 'until'));
    const teachers = new Map<string, TeacherAnswers>();
    for (const row of await query.execute()) {
      const audited = row.answered_by !== 'teacher';
      const provider = audited ? row.audit_provider : row.provider;
      const model = audited ? row.audit_model : row.model;
      const key = JSON.stringify([provider, model]);
      const calls = (teachers.get(key)?.calls ?? 0) + toNumber(row.n);
      teachers.set(key, { provider, model, calls });
    }
    return [...teachers.values()].sort((one, other) => other.calls - one.calls);
  }

  async agreement({ task, student, route, since }: AgreementFilter): Promise<Agreement> {
    let query = this.#database.read
      .selectFrom('calls')
      .select(['student_certified', 'agreed', (e) => e.fn.countAll().as('n')])
      .where('task', '=', task)
      .where('student_id', '=', student)
      .where('route', '=', route)
      .groupBy(['student_certified', 'agreed']);
    if (since !== undefined) query = query.where('at', '>=', fromDate(since, 'since'));
    const sums = { calls: 0, certified: 0, compared: 0, disagreed: 0 };
    for (const row of await query.execute()) {
      const n = toNumber(row.n);
      sums.calls += n;
      if (toNumber(row.student_certified) !== 1) continue;
      sums.certified += n;
      if (row.agreed === null) continue;
      sums.compared += n;
      if (toNumber(row.agreed) === 0) sums.disagreed += n;
    }
    return sums;
  }

  async markSplits(splits: ReadonlyMap<string, string>): Promise<void> {
    const bySplit = new Map<string, string[]>();
    for (const [id, split] of splits) {
      const ids = bySplit.get(split);
      if (ids === undefined) bySplit.set(split, [id]);
      else ids.push(id);
    }
    for (const [split, ids] of bySplit) {
      for (let start = 0; start < ids.length; start += markedAtOnce) {
        const some = ids.slice(start, start + markedAtOnce);
        await this.#database.exclusively((transaction) =>
          transaction.updateTable('calls').set({ split }).where('id', 'in', some).execute(),
        );
        await this.#database.tidy();
      }
    }
  }

  async hasText(id: string): Promise<boolean> {
    const row = await this.#database.read
      .selectFrom('call_texts')
      .select('call_id')
      .where('call_id', '=', id)
      .executeTakeFirst();
    return row !== undefined;
  }

  examples(task: string, filter: { since?: Date } = {}): AsyncIterable<Example> {
    return readExamples(this.#database, this.#seal, task, filter.since);
  }

  async deleteTextBefore(moment: Date): Promise<number> {
    const at = fromDate(moment, 'The moment before which to delete');
    let deleted = 0;
    for (;;) {
      const n = await this.#database.exclusively(async (transaction) => {
        const ids = await transaction
          .selectFrom('calls')
          .innerJoin('call_texts', 'call_texts.call_id', 'calls.id')
          .select('calls.id')
          .where('calls.at', '<', at)
          .orderBy('calls.at')
          .limit(deletedAtOnce)
          .execute();
        if (ids.length === 0) return 0;
        const some = ids.map((row) => row.id);
        await transaction.deleteFrom('call_texts').where('call_id', 'in', some).execute();
        // What a person typed as the right answer is of the call's words.
        await transaction
          .updateTable('decisions')
          .set({ answer: null, bytes: 0 })
          .where('call_id', 'in', some)
          .execute();
        return ids.length;
      });
      deleted += n;
      if (n < deletedAtOnce) break;
      await this.#database.tidy();
    }
    // Also where nothing was left to delete: an earlier attempt may not have got this far.
    await this.#database.scrub();
    return deleted;
  }
}
