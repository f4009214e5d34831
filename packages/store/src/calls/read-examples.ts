/**
 * The teacher's answers of one task, oldest first, as a stream that needs the same memory for a million calls
 * as for a thousand.
 *
 * First the ids and sizes of the next calls are read (narrow rows), then their texts, as many at a time as fit
 * a budget. No read stays open in between, so calls can be recorded, and the log emptied, all the while.
 *
 * @module
 */
import type { Verdict } from '../decisions/decision.ts';
import { openAnswer } from '../decisions/open-answer.ts';
import type { Database } from '../dialect/database.ts';
import { fromDate, toDate, toNumber } from '../integers.ts';
import type { Seal } from '../seal/seal.ts';
import type { CallDrawn, Example } from './call.ts';
import { placeOf } from './packed-call.ts';
import { toExample } from './to-example.ts';

const idsAtOnce = 1_000;
const textsAtOnce = { calls: 200, bytes: 4 << 20 };

interface Head {
  id: string;
  at: number;
  provider: string | null;
  model: string | null;
  drawn: CallDrawn | null;
  split: string | null;
  /** Whether the answer is the one of an audit. */
  audited: boolean;
  decided: { verdict: Verdict; at: number } | null;
  bytes: number;
}

export async function* readExamples(
  database: Database,
  seal: Seal,
  task: string,
  since: Date | undefined,
): AsyncGenerator<Example, void, undefined> {
  let after: Head | undefined;
  for (;;) {
    const heads = await nextHeads(database, task, since, after);
    for (const batch of batches(heads)) {
      const texts = new Map(
        (
          await database.read
            .selectFrom('call_texts')
            .leftJoin('decisions', 'decisions.call_id', 'call_texts.call_id')
            .select(['call_texts.call_id', 'request', 'response', 'audit_response', 'student_answer'])
            .select('decisions.answer as decided_answer')
            .where(
              'call_texts.call_id',
              'in',
              batch.map((head) => head.id),
            )
            .execute()
        ).map((row) => [row.call_id, row]),
      );
      for (const head of batch) {
        const row = texts.get(head.id);
        const column = head.audited ? 'audit_response' : 'response';
        const said = row?.[column] ?? null;
        if (row === undefined || said === null) continue; // deleted since its id was read
        const request = JSON.parse(seal.open(row.request, placeOf('request', head.id)));
        const response = JSON.parse(seal.open(said, placeOf(column, head.id)));
        const example = toExample(request, response, {
          ...{ ...head, at: toDate(head.at) },
          decided: head.decided && { ...head.decided, answer: decidedAnswer(seal, head, row) },
        });
        if (example !== undefined) yield example;
      }
    }
    if (heads.length < idsAtOnce) return;
    after = heads[heads.length - 1];
  }
}

async function nextHeads(
  database: Database,
  task: string,
  since: Date | undefined,
  after: Head | undefined,
): Promise<Head[]> {
  let query = teachable(database.read, task)
    .select(['calls.id', 'calls.at', 'calls.provider', 'calls.model', 'calls.drawn', 'calls.split'])
    .select(['calls.answered_by', 'call_texts.bytes'])
    .select(['audits.provider as audit_provider', 'audits.model as audit_model'])
    .leftJoin('decisions', 'decisions.call_id', 'calls.id')
    .select(['decisions.verdict', 'decisions.at as decided_at'])
    .orderBy('calls.at')
    .orderBy('calls.id')
    .limit(idsAtOnce);
  if (since !== undefined) query = query.where('calls.at', '>=', fromDate(since, 'since'));
  if (after !== undefined) {
    const { at, id } = after;
    query = query
      .where('calls.at', '>=', at)
      .where((e) => e.or([e('calls.at', '>', at), e('calls.id', '>', id)]));
  }
  return (await query.execute()).map((row) => {
    const audited = row.answered_by !== 'teacher';
    return {
      id: row.id,
      at: toNumber(row.at),
      provider: audited ? row.audit_provider : row.provider,
      model: audited ? row.audit_model : row.model,
      drawn: row.drawn,
      split: row.split,
      decided: row.verdict === null ? null : { verdict: row.verdict, at: toNumber(row.decided_at) },
      audited,
      bytes: toNumber(row.bytes),
    };
  });
}

/** What a person decided is right, where it isn't what the teacher said; null where that stands, or is all there is. */
function decidedAnswer(
  seal: Seal,
  { id, decided }: Head,
  row: { student_answer: Uint8Array | null; decided_answer: Uint8Array | null },
): string | null {
  switch (decided?.verdict) {
    case 'student':
      return row.student_answer === null
        ? null
        : (JSON.parse(seal.open(row.student_answer, placeOf('student_answer', id))) as string);
    case 'neither':
      return openAnswer(seal, id, row.decided_answer);
    default:
      return null;
  }
}

/**
 * The task's calls with a teacher's good answer: those that it answered, and those of the student's that it was asked
 * in the background. What a student answered alone has none, and must not be learnt from.
 */
export function teachable(read: Database['read'], task: string) {
  return read
    .selectFrom('calls')
    .innerJoin('call_texts', 'call_texts.call_id', 'calls.id')
    .leftJoin('audits', 'audits.call_id', 'calls.id')
    .where('calls.task', '=', task)
    .where('calls.endpoint', '=', 'chat')
    .where((e) =>
      e.or([
        e.and([
          e('calls.answered_by', '=', 'teacher'),
          e('calls.status', '=', 'ok'),
          e('call_texts.response', 'is not', null),
        ]),
        e.and([e('calls.answered_by', '=', 'student'), e('call_texts.audit_response', 'is not', null)]),
      ]),
    );
}

function* batches(heads: readonly Head[]): Generator<Head[]> {
  let batch: Head[] = [];
  let bytes = 0;
  for (const head of heads) {
    if (batch.length > 0 && (batch.length === textsAtOnce.calls || bytes + head.bytes > textsAtOnce.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(head);
    bytes += head.bytes;
  }
  if (batch.length > 0) yield batch;
}
