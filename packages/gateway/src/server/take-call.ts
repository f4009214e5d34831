/**
 * A call from its first byte to its record, whatever its endpoint.
 *
 * @module
 */
import { type Drawn, draws, type Endpoint, newCallId } from '@kolben/store';
import { drawLot } from '../audit/draw-lot.ts';
import type { Purse } from '../budgets/purse.ts';
import type { JsonObject } from '../json.ts';
import { noCharge } from '../ledger/charge.ts';
import { type Log, reasonOf } from '../log/log.ts';
import type { CallToRecord } from '../record/recorder.ts';
import { matchTarget } from '../tasks/match-target.ts';
import type { Target } from '../tasks/target.ts';
import type { TaskState } from '../tasks/task-book.ts';
import { type Answer, withHeaders } from './answer.ts';
import type { Standing } from './answer-call.ts';
import { callHeaders } from './answer-headers.ts';
import { ApiError, errorAnswer } from './api-error.ts';
import { asApiError } from './as-api-error.ts';
import { type Client, ClientConnection } from './client-connection.ts';
import { type Arrival, OpenCall } from './open-call.ts';
import { type ReadRequest, readRequest } from './read-request.ts';
import type { Caller, Exchange, Services } from './services.ts';
import { spenderOf } from './spender-of.ts';

/** What differs between endpoints. */
export interface EndpointWork {
  endpoint: Endpoint;
  /**
   * Looks at the request as far as the gateway has to understand it.
   *
   * @throws ApiError 400
   */
  check(request: JsonObject): void;
  /**
   * The route that holds for the call, and the task's student.
   *
   * @throws ApiError 400 where the endpoint isn't for what the call names
   */
  stateOf(target: Target): TaskState | Promise<TaskState>;
  answer(call: OpenCall, standing: Standing): Promise<Answer>;
}

/** What of a call depends on where it comes from: a client's request, or the gateway's own console. */
export interface Origin {
  /** Who takes the answer. Asked for once, when there is a place for the call. */
  connect(): Client;
  /** @throws ApiError where there is no request to be had */
  read(): ReadRequest | Promise<ReadRequest>;
  /** @throws ApiError 400 for what can't be understood */
  wishes(): Wishes;
  /** From [0, 1): which calls are asked of student and teacher both. */
  lot: number;
  /** Whether it is a sample of what the task is asked. */
  isSample: boolean;
}

/** What a request says beside its body. */
export interface Wishes extends Pick<Arrival, 'drawn' | 'cacheUse' | 'clientRequestId'> {
  /** The task that is named beside the model. */
  named?: string | undefined;
  traceparent?: string | undefined;
}

/** Answers a request; the end of the answer goes out when the call can't be lost any more. */
export async function takeCall(
  services: Services,
  { incoming, outgoing }: Exchange,
  key: Caller,
  work: EndpointWork,
): Promise<Answer> {
  const { headers } = incoming;
  const { answer } = await openCall(services, key, work, {
    connect: () => new ClientConnection(outgoing, services.limits.stalledClientMs),
    read: () => readRequest(incoming, services.limits.bodyBytes),
    wishes: () => {
      const drawn = drawnIn(headers['x-kolben-drawn']);
      const named = headers['x-kolben-task'];
      return {
        drawn,
        named: typeof named === 'string' ? named : undefined,
        traceparent: headers.traceparent as string | undefined,
        // Who labels wants the teacher's word for each input, not the same one twice.
        cacheUse: drawn === null ? cacheUseIn(headers['cache-control']) : 'none',
        clientRequestId: requestIdIn(headers['x-client-request-id']),
      };
    },
    lot: drawLot(),
    isSample: true,
  });
  return answer;
}

/** The same for a request from anywhere: its answer, and the call, which knows how it ended. */
export async function openCall(
  services: Services,
  key: Caller,
  work: EndpointWork,
  origin: Origin,
): Promise<{ answer: Answer; call: OpenCall }> {
  const startedAt = performance.now();
  const at = new Date();
  if (services.isStopping()) {
    const message = 'This gateway is about to stop; try again in a moment.';
    throw new ApiError(503, 'stopping', message, { type: 'server_error', headers: { 'retry-after': '1' } });
  }
  if (services.recorder.isFailing) {
    const message = 'This gateway can record no calls at the moment, so it takes none; its log tells why.';
    const headers = { 'retry-after': '5' };
    throw new ApiError(503, 'recording_failed', message, { type: 'server_error', headers });
  }
  if (services.recorder.isBehind) {
    const message = 'This gateway has more calls to record than it can take in; try again in a moment.';
    const headers = { 'retry-after': '1' };
    throw new ApiError(429, 'recording_behind', message, { type: 'rate_limit_error', headers });
  }
  const leave = services.slots.enter();
  const client = origin.connect();
  services.clients.add(client);
  try {
    const { text, request } = await origin.read();
    work.check(request);
    const { drawn, named, traceparent, cacheUse, clientRequestId } = origin.wishes();
    const target = await matchTarget(services.choice, request.model, named);
    const { route, student, withdrawn } = await work.stateOf(target);
    const audited = route === 'cascade' && target.task !== null && origin.lot < target.task.config.audit;
    const { endpoint } = work;
    const id = newCallId();
    const { purse } = services.desks.teachers;
    const limits = await purse.admit(spenderOf({ id, at, key, endpoint, target, text, request }));
    const call = new OpenCall(
      {
        id,
        at,
        startedAt,
        key,
        endpoint,
        target,
        route,
        text,
        request,
        clientRequestId,
        drawn,
        audited,
        client,
        cacheUse,
      },
      services.log,
      services.telemetry.begin({
        id,
        endpoint,
        task: target.task?.name ?? null,
        route,
        request,
        traceparent,
      }),
    );
    const toRecord = call.toRecord(origin.isSample ? services.desks.drift : undefined);
    const { accepted, recorded } = services.recorder.take(toRecord, Buffer.byteLength(text));
    call.holdFor(accepted);
    releaseWhenRecorded(purse, id, recorded);
    if (target.task?.config.cache !== undefined) keepWhenRecorded(services, call, toRecord, recorded);
    const standing = { student, withdrawn, recorded };
    const answer = await work
      .answer(call, standing)
      .catch((error: unknown) => failed(call, error, services.log));
    await call.mayGoOut();
    return { answer: withHeaders(answer, limits), call };
  } finally {
    void client.closed.then(() => {
      services.clients.delete(client);
      leave();
    });
  }
}

/**
 * What a call couldn't be recorded with mustn't be held for ever; of one that is recorded nothing is left.
 *
 * In a function of its own, as is the next: what waits for the database must not keep a call's words in memory until then,
 * as everything would that is made in one function with it.
 */
function releaseWhenRecorded(purse: Purse, id: string, recorded: Promise<void>): void {
  // Neither of them rejects.
  void recorded.then(() => purse.release(id));
}

/** Keeps the answer for those who ask the same. */
function keepWhenRecorded(
  { desks, log }: Services,
  { arrival }: OpenCall,
  { complete, later }: CallToRecord,
  recorded: Promise<void>,
): void {
  recorded
    .then(async () => desks.caches.keep(arrival, { ...(await complete), ...(await later) }))
    .catch((error: unknown) => log.error('answer_not_kept', { id: arrival.id, reason: reasonOf(error) }));
}

/**
 * What a client that labels says of how it found the input.
 *
 * @throws ApiError 400
 */
function drawnIn(header: string | string[] | undefined): Drawn | null {
  if (header === undefined) return null;
  const drawn = draws.find((one) => one === header);
  if (drawn) return drawn;
  const message = `The header x-kolben-drawn must be ${draws.join(' or ')}; leave it out unless inputs were picked.`;
  throw new ApiError(400, 'drawn_invalid', message, { type: 'invalid_request_error' });
}

const longestRequestId = 512;

/** What the client calls the call by, in OpenAI's header for it; null where it is none that could be kept. */
function requestIdIn(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header.length <= longestRequestId && /^[\x20-\x7e]+$/.test(header)
    ? header
    : null;
}

/** HTTP's own words: `no-cache` wants a new answer, `no-store` that none be kept either. */
function cacheUseIn(header: string | undefined): Arrival['cacheUse'] {
  if (header === undefined) return 'read-write';
  if (/\bno-store\b/i.test(header)) return 'none';
  return /\bno-cache\b/i.test(header) ? 'write' : 'read-write';
}

/** A fault of the gateway's own, in the middle of a call: told, recorded, and not the end of the others. */
function failed(call: OpenCall, cause: unknown, log: Log): Answer {
  const error = asApiError(cause, log);
  void call.end({
    answeredBy: call.arrival.route === 'student' ? 'student' : 'teacher',
    teacher: call.arrival.route === 'student' ? undefined : call.arrival.target.teachers[0],
    status: 'error',
    reason: 'route',
    response: null,
    charge: noCharge,
    streamed: false,
    error: { code: error.code, message: error.message },
  });
  return errorAnswer(error, callHeaders(call.arrival));
}
