/**
 * A call as rows of two tables and back: checked, in whole units, its words sealed.
 *
 * @module
 */
import type { Insertable, Selectable } from 'kysely';
import { StoreValueError } from '../errors.ts';
import { fromDate, toBigInt, toDate, toNanoUsd, toNumber, toUsd } from '../integers.ts';
import type { Failure } from '../performance/count-failed.ts';
import type { FailedAttempt } from '../performance/failed-attempt.ts';
import { answerers, routes } from '../route.ts';
import type { CallsTable } from '../schema.ts';
import type { Seal } from '../seal/seal.ts';
import {
  type Call,
  type CallDrawn,
  callStatuses,
  draws,
  endpoints,
  type LaterFacts,
  type NewCall,
} from './call.ts';
import { newCallId } from './new-call-id.ts';
import { type CallRows, figuresToJson, type OpenCall, placeOf, type TextColumn } from './packed-call.ts';

const allDrawn: readonly CallDrawn[] = [...draws, 'escalated'];
/** Of one text of a call. SQLite takes 10^9 bytes a row, memory rather less. */
const largestText = 64 << 20;

/**
 * Checks a call and brings it into whole units; its words are open still.
 *
 * @throws StoreValueError for what can't be stored
 */
export function toOpenCall(call: NewCall): OpenCall {
  const id = call.id === undefined ? newCallId() : openText(call.id);
  const json = (column: TextColumn, value: unknown) =>
    value === null || value === undefined ? null : toJson(value, column);
  const request = json('request', call.request);
  if (request === null) throw new StoreValueError('A call needs a request, a JSON object.');
  return {
    id,
    texts: [
      request,
      json('response', call.response),
      json('student_answer', call.student?.answer),
      json('error_message', call.error?.message),
    ],
    figures: figuresToJson(figuresOf(call, id), call.failedBefore?.map(toFailure)),
  };
}

function figuresOf(call: NewCall, id: string): Insertable<CallsTable> {
  const student = call.student ?? null;
  return {
    id,
    at: fromDate(call.at, 'The time of a call'),
    task: openTextOrNull(call.task),
    key_id: openTextOrNull(call.keyId),
    route: oneOf(call.route, routes, 'route'),
    answered_by: oneOf(call.answeredBy, answerers, 'answeredBy'),
    provider: openTextOrNull(call.provider),
    model: openTextOrNull(call.model),
    status: oneOf(call.status, callStatuses, 'status'),
    error_code: openTextOrNull(call.error?.code),
    latency_ms: atLeastZero(call.latencyMs, 'latencyMs'),
    ttft_ms: call.ttftMs === null || call.ttftMs === undefined ? null : atLeastZero(call.ttftMs, 'ttftMs'),
    prompt_tokens: whole(call.usage.promptTokens, 'usage.promptTokens'),
    completion_tokens: whole(call.usage.completionTokens, 'usage.completionTokens'),
    cached_tokens: whole(call.usage.cachedTokens ?? 0, 'usage.cachedTokens'),
    cache_write_tokens: whole(call.usage.cacheWriteTokens ?? 0, 'usage.cacheWriteTokens'),
    reasoning_tokens: whole(call.usage.reasoningTokens ?? 0, 'usage.reasoningTokens'),
    audio_input_tokens: whole(call.usage.audioInputTokens ?? 0, 'usage.audioInputTokens'),
    audio_output_tokens: whole(call.usage.audioOutputTokens ?? 0, 'usage.audioOutputTokens'),
    usage_estimated: call.usage.estimated ? 1 : 0,
    cost_nano_usd: nanoUsd(call.cost, 'cost'),
    teacher_cost_nano_usd: nanoUsd(call.teacherCost, 'teacherCost'),
    student_id: openTextOrNull(student?.id),
    student_confidence: confidenceOf(student),
    student_certified: student === null ? null : student.certified ? 1 : 0,
    streamed: call.streamed ? 1 : 0,
    client_request_id: openTextOrNull(call.clientRequestId),
    endpoint: oneOf(call.endpoint ?? 'chat', endpoints, 'endpoint'),
    drawn: call.drawn == null ? null : oneOf(call.drawn, allDrawn, 'drawn'),
    audited: call.audited ? 1 : null,
    agreed: call.agreed == null ? null : call.agreed ? 1 : 0,
    split: null,
    reason: openTextOrNull(call.reason),
    waited_ms: call.waitedMs == null ? null : atLeastZero(call.waitedMs, 'waitedMs'),
  };
}

/**
 * The rows with what has become known since they were made, as `toRows` would have made them of the call. The call itself
 * need not be kept until then.
 */
export function withLater(rows: CallRows, { status, student, agreed }: LaterFacts, seal: Seal): CallRows {
  const { id } = rows;
  const figures = {
    ...rows.figures,
    ...(status !== undefined && { status: oneOf(status, callStatuses, 'status') }),
    ...(student !== undefined && {
      student_id: openTextOrNull(student?.id),
      student_confidence: confidenceOf(student),
      student_certified: student === null ? null : student.certified ? 1 : 0,
    }),
    ...(agreed !== undefined && { agreed: agreed === null ? null : agreed ? 1 : 0 }),
  };
  if (student === undefined) return { ...rows, figures };
  const sealed =
    student === null
      ? null
      : seal.seal(toJson(student.answer, 'student_answer'), placeOf('student_answer', id));
  const before = rows.texts.student_answer;
  const bytes = rows.bytes - (before?.byteLength ?? 0) + (sealed?.length ?? 0);
  return { ...rows, bytes, figures, texts: { ...rows.texts, student_answer: sealed, bytes } };
}

/** An attempt as it can be counted. @throws StoreValueError where it can't */
export function toFailure({ provider, at, code, tookMs }: FailedAttempt): Failure {
  return {
    ...{ provider: openText(provider), at: fromDate(at, 'The time of a failure'), code: openText(code) },
    tookMs: atLeastZero(tookMs, 'tookMs'),
  };
}

/** The columns of `call_texts`, null each where the text has been deleted. */
export type JoinedRow = Selectable<CallsTable> & { [C in TextColumn]: Uint8Array | null };

export function fromRow(row: JoinedRow, seal: Seal): Call {
  const open = (column: TextColumn): unknown => {
    const sealed = row[column];
    return sealed === null ? null : JSON.parse(seal.open(sealed, placeOf(column, row.id)));
  };
  return {
    id: row.id,
    at: toDate(row.at),
    endpoint: row.endpoint,
    task: row.task,
    keyId: row.key_id,
    route: row.route,
    answeredBy: row.answered_by,
    provider: row.provider,
    model: row.model,
    request: open('request') as Call['request'],
    response: open('response') as Call['response'],
    status: row.status,
    latencyMs: row.latency_ms,
    ttftMs: row.ttft_ms,
    usage: {
      promptTokens: toNumber(row.prompt_tokens),
      completionTokens: toNumber(row.completion_tokens),
      cachedTokens: toNumber(row.cached_tokens),
      cacheWriteTokens: toNumber(row.cache_write_tokens),
      reasoningTokens: toNumber(row.reasoning_tokens),
      audioInputTokens: toNumber(row.audio_input_tokens),
      audioOutputTokens: toNumber(row.audio_output_tokens),
      estimated: toNumber(row.usage_estimated) === 1,
    },
    cost: toUsd(toBigInt(row.cost_nano_usd)),
    teacherCost: toUsd(toBigInt(row.teacher_cost_nano_usd)),
    student:
      row.student_id === null
        ? null
        : {
            id: row.student_id,
            answer: open('student_answer') as string | null,
            confidence: row.student_confidence ?? 0,
            certified: toNumber(row.student_certified) === 1,
          },
    streamed: toNumber(row.streamed) === 1,
    clientRequestId: row.client_request_id,
    drawn: row.drawn,
    audited: row.audited !== null,
    agreed: row.agreed === null ? null : toNumber(row.agreed) === 1,
    auditResponse: open('audit_response') as Call['auditResponse'],
    error:
      row.error_code === null
        ? null
        : { code: row.error_code, message: open('error_message') as string | null },
    reason: row.reason,
  };
}

/**
 * Sealed texts are JSON throughout, so that half a character (a lone surrogate, which UTF-8 can't write but
 * JSON can, as an escape) comes back as it went in.
 */
export function toJson(value: unknown, column: TextColumn): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw new StoreValueError(
      `The ${column} of a call is no JSON (${cause instanceof Error ? cause.message : String(cause)}).`,
      { cause },
    );
  }
  if (json === undefined) throw new StoreValueError(`The ${column} of a call is no JSON value.`);
  if (json.length > largestText) {
    throw new StoreValueError(
      `The ${column} of a call has ${json.length} characters; at most ${largestText} can be recorded.`,
    );
  }
  return json;
}

/**
 * Names that lie open beside the figures. They may come from outside (a model's name in a request), and no call
 * shall be lost for an odd character in one: what a database can't hold is replaced.
 */
function openText(text: string): string {
  // Nearly all are ASCII, and looking for that costs less than exchanging nothing.
  return /^[\x20-\x7e]*$/.test(text) ? text : text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

function openTextOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : openText(text);
}

function confidenceOf(student: NewCall['student'] | null): number | null {
  return student == null ? null : atLeastZero(student.confidence, 'student.confidence');
}

/** A number while it is exact as one. */
function nanoUsd(usd: number, what: string): number | bigint {
  const nanos = toNanoUsd(usd, what);
  const number = Number(nanos);
  return Number.isSafeInteger(number) ? number : nanos;
}

function oneOf<T extends string>(value: T, allowed: readonly T[], what: string): T {
  if (!allowed.includes(value)) {
    throw new StoreValueError(
      `The ${what} of a call is ${JSON.stringify(value)}; it must be one of ${allowed.join(', ')}.`,
    );
  }
  return value;
}

function atLeastZero(value: number, what: string): number {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new StoreValueError(`The ${what} of a call is ${value}; it must be a number from 0 on.`);
  }
  return value;
}

function whole(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new StoreValueError(`The ${what} of a call is ${value}; it must be a whole number from 0 on.`);
  }
  return value;
}
