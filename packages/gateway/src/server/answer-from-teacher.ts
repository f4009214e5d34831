/**
 * Answers a call with the teacher's word.
 *
 * @module
 */
import type { StudentAnswer } from '@kolben/store';
import { isObject, parseJson } from '../json.ts';
import { type Charge, chargeTeacher, learnUsage, noCharge } from '../ledger/charge.ts';
import type { Log } from '../log/log.ts';
import { type Connections, callProvider, type ProviderAnswer } from '../upstream/call-provider.ts';
import { Gone } from '../upstream/gone.ts';
import { brokeOff, fromProvider, notAnAnswer, tooLarge, tooSlow } from '../upstream/provider-errors.ts';
import { relayStream } from '../upstream/relay-stream.ts';
import { teacherRequest } from '../upstream/teacher-request.ts';
import { answerHeaders } from './answer-headers.ts';
import { ApiError, errorResponse } from './api-error.ts';
import type { Ending, OpenCall, Reason } from './open-call.ts';

export interface TeacherDesk {
  connections: Connections;
  responseBytes: number;
  log: Log;
}

export interface TeacherTurn {
  reason: Reason;
  /** The student's word, where it was asked first. */
  student?: StudentAnswer | undefined;
  /** The student's word that is still to come (`shadow`); for the record alone. */
  pending?: Promise<StudentAnswer | null> | undefined;
}

/** After these the provider may well have read the prompt, and will bill it. */
const atWork = new Set([tooSlow(), brokeOff(), tooLarge()].map((error) => error.code));

/** Never rejects: what goes wrong at the provider is an answer too, and a record. */
export async function answerFromTeacher(
  desk: TeacherDesk,
  call: OpenCall,
  turn: TeacherTurn,
): Promise<Response> {
  const { task, text, request, client } = call.arrival;
  const { provider, model } = task.teacher;
  const { body, stripUsage } = teacherRequest(text, request, model, provider.askForUsage);
  const wasThere = !client.signal.aborted;
  try {
    const answer = await callProvider(provider, body, {
      connections: desk.connections,
      signal: client.signal,
      responseBytes: desk.responseBytes,
    });
    if (answer.status < 200 || answer.status > 299) {
      throw fromProvider(answer.status, await readAll(answer), answer.headers, provider.key);
    }
    return /^text\/event-stream\b/i.test(answer.contentType)
      ? streamed(desk, call, turn, answer, stripUsage)
      : plain(call, turn, await readAll(answer));
  } catch (error) {
    if (error instanceof Gone) {
      const charge = wasThere ? chargeTeacher(task, request, null, undefined) : noCharge;
      void call.end(ending(turn, { status: 'aborted', response: null, charge, streamed: false }));
      return new Response(null, { status: 499 });
    }
    if (!(error instanceof ApiError)) throw error;
    tellOf(desk.log, call, error);
    const charge = atWork.has(error.code) ? chargeTeacher(task, request, null, undefined) : noCharge;
    const told = { code: error.code, message: error.message };
    void call.end(ending(turn, { status: 'error', response: null, charge, streamed: false, error: told }));
    return errorResponse(error, headersOf(call, turn, charge));
  }
}

function plain(call: OpenCall, turn: TeacherTurn, body: string): Response {
  const { task, request } = call.arrival;
  const completion = parseJson(body);
  if (!isObject(completion) || !Array.isArray(completion.choices)) {
    // Some providers send their errors with status 200.
    if (isObject(completion) && completion.error != null)
      throw fromProvider(502, body, {}, task.teacher.provider.key);
    throw notAnAnswer();
  }
  const charge = chargeTeacher(task, request, completion, completion.usage);
  learnUsage(task, request, completion);
  void call.end(ending(turn, { status: 'ok', response: completion, charge, streamed: false }));
  return new Response(body, {
    headers: { 'content-type': 'application/json', ...headersOf(call, turn, charge) },
  });
}

function streamed(
  desk: TeacherDesk,
  call: OpenCall,
  turn: TeacherTurn,
  answer: ProviderAnswer,
  stripUsage: boolean,
): Response {
  const { task, request, client, startedAt } = call.arrival;
  const pieces = relayStream(answer.body, {
    stripUsage,
    secret: task.teacher.provider.key,
    heard: ({ completion, usage, status, taken, firstTokenAt, error }) => {
      if (error) tellOf(desk.log, call, error);
      const charge = chargeTeacher(task, request, completion, usage);
      if (status === 'ok' && completion) learnUsage(task, request, completion);
      const ttftMs = firstTokenAt === undefined ? undefined : firstTokenAt - startedAt;
      const how = {
        status,
        response: completion,
        charge,
        streamed: true,
        ttftMs,
        taken,
        ...(error && { error }),
      };
      return call.end(ending(turn, how));
    },
  });
  const leave = () => void pieces.return();
  client.signal.addEventListener('abort', leave, { once: true });
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      client.isReading();
      const next = await pieces.next();
      if (next.done) {
        controller.close();
        return;
      }
      controller.enqueue(next.value);
      client.mustRead();
    },
    cancel: leave,
  });
  return new Response(stream, {
    headers: {
      'content-type': answer.contentType,
      // Proxies that gather a response before they pass it on would undo the streaming.
      'x-accel-buffering': 'no',
      ...headersOf(call, turn, undefined),
    },
  });
}

function tellOf(
  log: Log,
  call: OpenCall,
  error: { code: string; status?: number; forLog?: string | undefined },
): void {
  const { id, task } = call.arrival;
  log.warn('provider_failed', {
    id,
    task: task.name,
    provider: task.teacher.provider.name,
    reason: error.code,
    detail: error.forLog,
    status: error.status,
  });
}

function headersOf(call: OpenCall, turn: TeacherTurn, charge: Charge | undefined): Record<string, string> {
  return answerHeaders(call.arrival, {
    answeredBy: 'teacher',
    reason: turn.reason,
    student: turn.student,
    charge,
  });
}

function ending(turn: TeacherTurn, how: Omit<Ending, 'answeredBy' | 'reason' | 'student'>): Ending {
  const student = turn.pending ?? turn.student ?? null;
  return { answeredBy: 'teacher', reason: turn.reason, student, ...how };
}

async function readAll(answer: ProviderAnswer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer.body) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
