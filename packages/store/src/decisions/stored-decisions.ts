/**
 * Decisions about disagreements, and the disagreements that they are about.
 *
 * @module
 */
import type { Selectable } from 'kysely';
import { insertAuditEvent } from '../audit/audit.ts';
import { fromRow, type JoinedRow } from '../calls/call-row.ts';
import { joinedCalls } from '../calls/joined-calls.ts';
import { pageLimit } from '../calls/page-limit.ts';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toDate, toNumber } from '../integers.ts';
import type { DecisionsTable } from '../schema.ts';
import { assertCurrentKey } from '../seal/key-setting.ts';
import type { Seal } from '../seal/seal.ts';
import {
  type Decision,
  type Decisions,
  type Disagreement,
  type DisagreementCounts,
  type DisagreementPage,
  type NewDecision,
  type Verdict,
  verdicts,
} from './decision.ts';
import { openAnswer, placeOfAnswer } from './open-answer.ts';

/** Of a typed answer. */
const largestAnswer = 1 << 20;

export class StoredDecisions implements Decisions {
  readonly #database: Database;
  readonly #seal: Seal;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
  }

  async set({ callId, verdict, answer, by }: NewDecision): Promise<Decision> {
    checkDecision(verdict, answer);
    const sealed =
      answer === undefined ? null : this.#seal.seal(JSON.stringify(answer), placeOfAnswer(callId));
    const now = Date.now();
    await this.#database.exclusively(async (transaction) => {
      if (sealed !== null) await assertCurrentKey(transaction, this.#seal);
      const call = await transaction
        .selectFrom('calls')
        .select(['agreed', 'task'])
        .where('id', '=', callId)
        .executeTakeFirst();
      if (call === undefined)
        throw new StoreValueError(`There is no call ${JSON.stringify(callId)} to decide about.`);
      if (call.agreed === null || toNumber(call.agreed) !== 0)
        throw new StoreValueError(
          `Student and teacher don't differ in the call ${callId}, so there is nothing to decide about it.`,
        );
      if (sealed !== null && !(await hasWords(transaction, callId)))
        throw new StoreValueError(
          `The words of the call ${callId} have been deleted, so an answer to them can't be kept either.`,
        );
      const before = await transaction
        .selectFrom('decisions')
        .select('verdict')
        .where('call_id', '=', callId)
        .executeTakeFirst();
      const row = { at: now, verdict, answer: sealed, decided_by: by, bytes: sealed?.length ?? 0 };
      await transaction
        .insertInto('decisions')
        .values({ call_id: callId, ...row })
        .onConflict((conflict) => conflict.column('call_id').doUpdateSet(row))
        .execute();
      await insertAuditEvent(transaction, {
        ...{ actor: by, act: 'call.decide', subject: callId },
        detail: { task: call.task, right: verdict, before: before?.verdict ?? null },
      });
    });
    await this.#database.tidy();
    return { callId, at: new Date(now), verdict, answer: answer ?? null, by };
  }

  async get(callId: string): Promise<Decision | undefined> {
    const row = await this.#database.read
      .selectFrom('decisions')
      .selectAll()
      .where('call_id', '=', callId)
      .executeTakeFirst();
    return row && this.#toDecision(row);
  }

  async remove(callId: string, by: string): Promise<boolean> {
    return this.#database.exclusively(async (transaction) => {
      const [gone] = await transaction
        .deleteFrom('decisions')
        .where('call_id', '=', callId)
        .returning('verdict')
        .execute();
      if (gone === undefined) return false;
      await insertAuditEvent(transaction, {
        ...{ actor: by, act: 'call.undecide', subject: callId },
        detail: { before: gone.verdict },
      });
      return true;
    });
  }

  async disagreements(page: DisagreementPage): Promise<Disagreement[]> {
    const { task, order = 'newest', decided, after } = page;
    let query = joinedCalls(this.#database.read)
      .leftJoin('decisions', 'decisions.call_id', 'calls.id')
      .select([
        'decisions.at as decision_at',
        'decisions.verdict',
        'decisions.answer as decision_answer',
        'decisions.decided_by',
      ])
      .where('calls.task', '=', task)
      // In the statement itself, or the index of just these calls isn't used.
      .where((e) => e('calls.agreed', '=', e.lit(0)))
      .orderBy(order === 'surest' ? 'calls.student_confidence' : 'calls.at', 'desc')
      .orderBy('calls.id', 'desc')
      .limit(pageLimit(page.limit, 'disagreements'));
    if (decided !== undefined) query = query.where('decisions.verdict', decided ? 'is not' : 'is', null);
    if (after !== undefined) {
      const [column, value] =
        order === 'surest'
          ? (['calls.student_confidence', after.student?.confidence ?? 0] as const)
          : (['calls.at', fromDate(after.at, 'after.at')] as const);
      query = query
        .where(column, '<=', value)
        .where((e) => e.or([e(column, '<', value), e('calls.id', '<', after.id)]));
    }
    return (await query.execute()).map(({ decision_at, verdict, decision_answer, decided_by, ...row }) => ({
      call: fromRow(row satisfies JoinedRow, this.#seal),
      decision:
        verdict === null || decision_at === null || decided_by === null
          ? null
          : this.#toDecision({
              ...{ call_id: row.id, at: decision_at, verdict, answer: decision_answer, decided_by, bytes: 0 },
            }),
    }));
  }

  async counts(task: string): Promise<DisagreementCounts> {
    const rows = await this.#database.read
      .selectFrom('calls')
      .leftJoin('decisions', 'decisions.call_id', 'calls.id')
      .select(['decisions.verdict', (e) => e.fn.countAll().as('n')])
      .where('calls.task', '=', task)
      .where((e) => e('calls.agreed', '=', e.lit(0)))
      .groupBy('decisions.verdict')
      .execute();
    const decided: Record<Verdict, number> = { student: 0, teacher: 0, neither: 0, undecidable: 0 };
    let disagreements = 0;
    for (const { verdict, n } of rows) {
      disagreements += toNumber(n);
      if (verdict !== null) decided[verdict] = toNumber(n);
    }
    return { disagreements, decided };
  }

  #toDecision(row: Selectable<DecisionsTable>): Decision {
    return {
      callId: row.call_id,
      at: toDate(row.at),
      verdict: row.verdict,
      answer: openAnswer(this.#seal, row.call_id, row.answer),
      by: row.decided_by,
    };
  }
}

function checkDecision(verdict: Verdict, answer: string | undefined): void {
  if (!verdicts.includes(verdict))
    throw new StoreValueError(
      `${JSON.stringify(verdict)} is no decision; it must be one of ${verdicts.join(', ')}.`,
    );
  if (verdict !== 'neither' && answer !== undefined)
    throw new StoreValueError(
      'An answer is typed only where neither student nor teacher gave the right one.',
    );
  if (verdict === 'neither' && (answer === undefined || answer.trim() === ''))
    throw new StoreValueError('Where neither was right, the right answer must be given.');
  if (answer !== undefined && answer.length > largestAnswer)
    throw new StoreValueError(
      `The answer has ${answer.length} characters; at most ${largestAnswer} can be kept.`,
    );
}

async function hasWords(db: Database['read'], callId: string): Promise<boolean> {
  const row = await db
    .selectFrom('call_texts')
    .select('call_id')
    .where('call_id', '=', callId)
    .executeTakeFirst();
  return row !== undefined;
}
