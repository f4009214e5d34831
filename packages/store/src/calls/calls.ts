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
  CallPage,
  Calls,
  Example,
  NewCall,
} from './call.ts';
import { fromRow } from './call-row.ts';
import { readExamples, teachable } from './read-examples.ts';
import type { Recorder } from './recorder.ts';

const usualPage = 50;
const largestPage = 1_000;
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
    const limit = page.limit ?? usualPage;
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
      throw new StoreValueError(`A page of ${limit} calls was asked for; ask for 1 to ${largestPage}.`);
    }
    let query = this.#joined().orderBy('calls.at', 'desc').orderBy('calls.id', 'desc').limit(limit);
    if (page.task !== undefined) query = query.where('calls.task', '=', page.task);
    if (page.since !== undefined) query = query.where('calls.at', '>=', fromDate(page.since, 'since'));
    if (page.before instanceof Date) {
      query = query.where('calls.at', '<', fromDate(page.before, 'before'));
    } else if (page.before !== undefined) {
      const at = fromDate(page.before.at, 'before.at');
      const { id } = page.before;
      query = query
        .where('calls.at', '<=', at)
        .where((e) => e.or([e('calls.at', '<', at), e('calls.id', '<', id)]));
    }
    return (await query.execute()).map((row) => fromRow(row, this.#seal));
  }

  async get(id: string): Promise<Call | undefined> {
    const row = await this.#joined().where('calls.id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row, this.#seal);
  }

  async count(filter: CallFilter = {}): Promise<number> {
    let query = this.#database.read.selectFrom('calls').select((e) => e.fn.countAll().as('n'));
    if (filter.task !== undefined) query = query.where('task', '=', filter.task);
    if (filter.since !== undefined) query = query.where('at', '>=', fromDate(filter.since, 'since'));
    return toNumber((await query.executeTakeFirstOrThrow()).n);
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
        await transaction
          .deleteFrom('call_texts')
          .where(
            'call_id',
            'in',
            ids.map((row) => row.id),
          )
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

  #joined() {
    return this.#database.read
      .selectFrom('calls')
      .leftJoin('call_texts', 'call_texts.call_id', 'calls.id')
      .selectAll('calls')
      .select([
        'call_texts.request',
        'call_texts.response',
        'call_texts.student_answer',
        'call_texts.error_message',
        'call_texts.audit_response',
      ]);
  }
}
