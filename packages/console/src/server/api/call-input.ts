/**
 * Filters of calls as they stand in an address, and what the page gets of a call.
 *
 * @module
 */
import { ApiError } from '@kolben/gateway';
import type { Call, CallCursor, CallFilter } from '@kolben/store';
import { answerers, callStatuses, routes } from '@kolben/store';
import { z } from 'zod';

const name = z.string().min(1).max(300);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const confidence = z.coerce.number().min(0).max(1);

/** All of it may be left out. */
export const filterSchema = z
  .object({
    task: name,
    since: moment,
    until: moment,
    route: z.enum(routes),
    answeredBy: z.enum(answerers),
    status: z.enum(callStatuses),
    errorCode: name,
    reason: name,
    provider: name,
    model: name,
    keyId: name,
    student: name,
    minConfidence: confidence,
    maxConfidence: confidence,
    certified: flag,
    audited: flag,
    agreed: flag,
  })
  .partial();

/** Without what wasn't said. */
export function filterOf(query: z.infer<typeof filterSchema>): CallFilter {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}

/** `<ISO 8601>,<id>` */
export const cursorSchema = z.string().max(200);

/** @throws ApiError 400 for what no page has given */
export function cursorOf(text: string): CallCursor {
  const [at = '', id = ''] = text.split(',', 2);
  const moment = new Date(at);
  if (id !== '' && !Number.isNaN(moment.getTime())) return { at: moment, id };
  throw new ApiError(400, 'input_invalid', '"before" is no place in the calls.', {
    type: 'invalid_request_error',
  });
}

export function cursorText({ at, id }: CallCursor): string {
  return `${at.toISOString()},${id}`;
}

/** Of long texts the beginning: a row shows no more. */
const shown = 200;

/** A call as a row of a table. */
export function rowOf(call: Call) {
  const { id, at, task, route, answeredBy, status, reason, latencyMs, cost, model, provider } = call;
  return {
    ...{ id, at: at.toISOString(), task, route, answeredBy, status, reason, latencyMs, cost },
    model: provider === null ? model : `${provider}/${model}`,
    agreed: call.agreed,
    error: call.error?.code ?? null,
    confidence: call.student?.confidence ?? null,
    certified: call.student?.certified ?? null,
    asked: call.request === null ? null : (lastAsked(call.request)?.slice(0, shown) ?? ''),
    answer: answerOf(call)?.slice(0, shown) ?? null,
  };
}

/** Everything of a call, its moment as text. */
export function wholeCall(call: Call) {
  return {
    ...rowOf(call),
    endpoint: call.endpoint,
    keyId: call.keyId,
    ttftMs: call.ttftMs,
    streamed: call.streamed,
    usage: call.usage,
    teacherCost: call.teacherCost,
    drawn: call.drawn,
    audited: call.audited,
    errorMessage: call.error?.message ?? null,
    hasWords: call.request !== null,
    messages: call.request === null ? [] : messagesOf(call.request),
    given: answerOf(call),
    student: call.student,
    /** The teacher's, where the client had the student's. */
    teacherAnswer: call.answeredBy === 'student' ? textIn(call.auditResponse) : textIn(call.response),
  };
}

function answerOf({ response }: Call): string | null {
  return textIn(response);
}

/** The words of a chat completion, a tool call as JSON; of any other answer the JSON. */
function textIn(response: Record<string, unknown> | null): string | null {
  if (response === null) return null;
  const { choices } = response;
  const message = Array.isArray(choices)
    ? (choices[0] as { message?: { content?: unknown; tool_calls?: unknown } } | undefined)?.message
    : undefined;
  if (message === undefined) return JSON.stringify(response);
  return typeof message.content === 'string' ? message.content : JSON.stringify(message.tool_calls ?? null);
}

function lastAsked(request: Record<string, unknown>): string | undefined {
  return messagesOf(request).findLast(({ role }) => role === 'user')?.text;
}

function messagesOf({ messages, input }: Record<string, unknown>): { role: string; text: string }[] {
  const given = messages ?? input;
  if (typeof given === 'string') return [{ role: 'user', text: given }];
  if (!Array.isArray(given)) return [];
  return (given as unknown[]).map((message) => {
    if (typeof message === 'string') return { role: 'user', text: message };
    const { role, content, ...rest } = (message ?? {}) as Record<string, unknown>;
    return {
      role: typeof role === 'string' ? role : 'user',
      text: typeof content === 'string' ? content : JSON.stringify(content ?? rest),
    };
  });
}
