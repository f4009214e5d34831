/**
 * Recorded audits, and the tests that go along with them.
 *
 * @module
 */
import { sql, type Transaction } from 'kysely';
import { toFailure, toJson } from '../calls/call-row.ts';
import { placeOf } from '../calls/packed-call.ts';
import { countCost } from '../counters/count-call.ts';
import { CounterChanges } from '../counters/counter.ts';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { insertEvent } from '../events/events.ts';
import { toBigInt, toDate, toDateOrNull, toNanoUsd, toNumber, toUsd } from '../integers.ts';
import { countFailed } from '../performance/count-failed.ts';
import type { Schema } from '../schema.ts';
import { assertCurrentKey } from '../seal/key-setting.ts';
import type { Seal } from '../seal/seal.ts';
import type { Advanced, Audit, KeptWatch, NewAudit, RiskWatches } from './risk-watch.ts';

const usualPage = 20;
const largestPage = 1_000;
/** Audits in one commit. */
const atOnce = 50;

type Advance = (state: unknown, agreed: boolean) => Advanced;

interface Waiting {
  audit: NewAudit;
  advance: Advance;
  /** Nano-USD. */
  cost: bigint;
  /** Sealed: no words wait in the open. */
  response: Buffer | null;
  resolve: (withdrew: boolean) => void;
  reject: (error: unknown) => void;
}

export class StoredRiskWatches implements RiskWatches {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
  }

  async record(audit: NewAudit, advance: Advance): Promise<boolean> {
    const { callId } = audit;
    const cost = toNanoUsd(audit.cost, 'The cost of an audit');
    const response =
      audit.response === null
        ? null
        : this.#seal.seal(toJson(audit.response, 'audit_response'), placeOf('audit_response', callId));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ audit, advance, cost, response, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for what is being recorded. */
  async close(): Promise<void> {
    await this.#writing;
  }

  /** Audits that come while one commit is on its way to the disk share the next. */
  async #write(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, atOnce);
      try {
        await this.#commit(batch);
      } catch (error) {
        if (batch.length === 1) batch[0]!.reject(error);
        // One that can't be recorded must not take the others with it.
        else for (const one of batch) await this.#commit([one]).catch(one.reject);
      }
      // What was committed is safe; a log that can't be moved now will be after another commit.
      await this.#database.tidy().catch(() => {});
    }
    // In the same turn in which the queue was seen empty: an audit that comes later starts a new one.
    this.#writing = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const withdrew = await this.#database.exclusively(async (transaction) => {
      if (batch.some(({ response }) => response !== null)) await assertCurrentKey(transaction, this.#seal);
      const results: boolean[] = [];
      for (const one of batch) results.push(await recordOne(transaction, one));
      return results;
    });
    for (const [i, { resolve }] of batch.entries()) resolve(withdrew[i]!);
  }

  async get(task: string, digest: string): Promise<KeptWatch | undefined> {
    const row = await this.#database.read
      .selectFrom('risk_watches')
      .selectAll()
      .where('task', '=', task)
      .where('student_digest', '=', digest)
      .executeTakeFirst();
    return row === undefined
      ? undefined
      : {
          task,
          student: { id: row.student_id, digest },
          state: JSON.parse(row.state),
          changedAt: toDate(row.changed_at),
          withdrawnAt: toDateOrNull(row.withdrawn_at),
        };
  }

  async withdrawn(task: string): Promise<Set<string>> {
    const rows = await this.#database.read
      .selectFrom('risk_watches')
      .select('student_digest')
      .where('task', '=', task)
      .where('withdrawn_at', 'is not', null)
      .execute();
    return new Set(rows.map((row) => row.student_digest));
  }

  async reset(task: string, digest: string): Promise<boolean> {
    const result = await this.#database.exclusively((transaction) =>
      transaction
        .deleteFrom('risk_watches')
        .where('task', '=', task)
        .where('student_digest', '=', digest)
        .executeTakeFirst(),
    );
    return result.numDeletedRows > 0n;
  }

  async list(
    task: string,
    digest: string,
    { limit = usualPage, disagreed = false }: { limit?: number; disagreed?: boolean } = {},
  ): Promise<Audit[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
      throw new StoreValueError(`A page of ${limit} audits was asked for; ask for 1 to ${largestPage}.`);
    let query = this.#database.read
      .selectFrom('audits')
      .selectAll()
      .where('task', '=', task)
      .where('student_digest', '=', digest)
      .orderBy('at', 'desc')
      .orderBy('call_id', 'desc')
      .limit(limit);
    if (disagreed) query = query.where('agreed', '=', 0);
    return (await query.execute()).map((row) => ({
      callId: row.call_id,
      at: toDate(row.at),
      agreed: row.agreed === null ? null : toNumber(row.agreed) === 1,
      errorCode: row.error_code,
      cost: toUsd(toBigInt(row.cost_nano_usd)),
    }));
  }
}

/** @returns whether it withdraws the student */
async function recordOne(
  transaction: Transaction<Schema>,
  { audit, advance, cost, response }: Waiting,
): Promise<boolean> {
  const { callId, task, student, agreed } = audit;
  const call = await transaction
    .selectFrom('calls')
    .select(['at', 'task', 'key_id', 'answered_by'])
    .where('id', '=', callId)
    .executeTakeFirst();
  if (call === undefined) return false;
  const now = Date.now();
  const inserted = await transaction
    .insertInto('audits')
    .values({
      call_id: callId,
      at: now,
      task,
      student_id: student.id,
      student_digest: student.digest,
      agreed: agreed === null ? null : Number(agreed),
      provider: audit.provider,
      model: audit.model,
      error_code: audit.errorCode ?? null,
      prompt_tokens: audit.promptTokens,
      completion_tokens: audit.completionTokens,
      cost_nano_usd: cost,
    })
    .onConflict((conflict) => conflict.column('call_id').doNothing())
    .returning('call_id')
    .execute();
  if (inserted.length === 0) return false;
  await countFailed(transaction, (audit.failedBefore ?? []).map(toFailure));
  await transaction
    .updateTable('calls')
    .set((e) => ({
      agreed: agreed === null ? null : Number(agreed),
      cost_nano_usd: sql<bigint>`${e.ref('cost_nano_usd')} + ${cost}`,
    }))
    .where('id', '=', callId)
    .execute();
  const changes = new CounterChanges();
  countCost(call, cost, changes);
  await changes.apply(transaction);
  if (response !== null)
    await transaction
      .updateTable('call_texts')
      .set((e) => ({
        audit_response: response,
        bytes: sql<bigint>`${e.ref('bytes')} + ${response.length}`,
      }))
      .where('call_id', '=', callId)
      .execute();
  if (agreed === null) return false;

  const kept = await transaction
    .selectFrom('risk_watches')
    .select(['state', 'withdrawn_at'])
    .where('task', '=', task)
    .where('student_digest', '=', student.digest)
    .executeTakeFirst();
  const { state, rung, figures } = advance(kept === undefined ? null : JSON.parse(kept.state), agreed);
  const withdrawnAt = kept?.withdrawn_at == null ? null : toNumber(kept.withdrawn_at);
  const withdraws = rung && withdrawnAt === null;
  const row = {
    student_id: student.id,
    state: JSON.stringify(state),
    changed_at: now,
    withdrawn_at: withdraws ? now : withdrawnAt,
  };
  await transaction
    .insertInto('risk_watches')
    .values({ task, student_digest: student.digest, ...row })
    .onConflict((conflict) => conflict.columns(['task', 'student_digest']).doUpdateSet(row))
    .execute();
  if (withdraws)
    await insertEvent(transaction, {
      ...{ at: new Date(now), task, what: 'student_withdrawn', student: student.id },
      detail: { digest: student.digest, ...figures },
    });
  return withdraws;
}
