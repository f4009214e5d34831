/**
 * Recorded audits, and the tests that go along with them.
 *
 * @module
 */
import { sql } from 'kysely';
import { placeOf, toJson } from '../calls/call-row.ts';
import { countCost } from '../counters/count-call.ts';
import { CounterChanges } from '../counters/counter.ts';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { insertEvent } from '../events/events.ts';
import { toBigInt, toDate, toDateOrNull, toNanoUsd, toNumber, toUsd } from '../integers.ts';
import { assertCurrentKey } from '../seal/key-setting.ts';
import type { Seal } from '../seal/seal.ts';
import type { Advanced, Audit, KeptWatch, NewAudit, RiskWatches } from './risk-watch.ts';

const usualPage = 20;
const largestPage = 1_000;

export class StoredRiskWatches implements RiskWatches {
  readonly #database: Database;
  readonly #seal: Seal;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
  }

  async record(audit: NewAudit, advance: (state: unknown, agreed: boolean) => Advanced): Promise<boolean> {
    const { callId, task, student, agreed } = audit;
    const cost = toNanoUsd(audit.cost, 'The cost of an audit');
    const response =
      audit.response === null
        ? null
        : this.#seal.seal(toJson(audit.response, 'audit_response'), placeOf('audit_response', callId));
    const withdrew = await this.#database.exclusively(async (transaction) => {
      if (response !== null) await assertCurrentKey(transaction, this.#seal);
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
    });
    await this.#database.tidy();
    return withdrew;
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
