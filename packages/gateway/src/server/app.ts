/**
 * The gateway's endpoints.
 *
 * The order of the guards matters: first the name it was called by, then the key, then a free place, and only then
 * is a body read. Whoever has no key can make the gateway do nothing, and learns nothing from it.
 *
 * @module
 */
import type { HttpBindings } from '@hono/node-server';
import { type Drawn, draws, newCallId, type Store } from '@kolben/store';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Limits } from '../config/limits-schema.ts';
import { noCharge } from '../ledger/charge.ts';
import { type Log, reasonOf } from '../log/log.ts';
import type { Recorder } from '../record/recorder.ts';
import { matchTask } from '../tasks/match-task.ts';
import type { Task } from '../tasks/task.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import { Gone } from '../upstream/gone.ts';
import { answerCall, type Desks } from './answer-call.ts';
import { callHeaders } from './answer-headers.ts';
import { ApiError, errorResponse } from './api-error.ts';
import { authenticate } from './authenticate.ts';
import type { CallSlots } from './call-slots.ts';
import { ClientConnection } from './client-connection.ts';
import { modelOf } from './models.ts';
import { OpenCall } from './open-call.ts';
import { readRequest } from './read-request.ts';

/** What the endpoints work with. */
export interface Services {
  tasks: ReadonlyMap<string, Task>;
  keys: Store['keys'];
  book: TaskBook;
  desks: Desks;
  recorder: Recorder;
  slots: CallSlots;
  limits: Limits;
  /** Clients whose calls are under way. */
  clients: Set<ClientConnection>;
  isMeant: (host: string | undefined) => boolean;
  isStopping: () => boolean;
  log: Log;
}

type Env = { Bindings: HttpBindings; Variables: { keyId: string } };

export function buildApp(services: Services): Hono<Env> {
  const { tasks, keys, isMeant, log } = services;
  const since = Math.floor(Date.now() / 1000);
  const app = new Hono<Env>();

  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      xFrameOptions: 'DENY',
      // Whether there is TLS in front is not for the gateway to promise.
      strictTransportSecurity: false,
    }),
  );
  app.use(async (c, next) => {
    if (!isMeant(c.req.header('host'))) {
      const message =
        'This gateway does not answer to the name in the Host header; see allowedHosts in its configuration.';
      throw new ApiError(421, 'host_not_allowed', message, { type: 'invalid_request_error' });
    }
    await next();
    c.header('cache-control', 'no-store');
    if (services.isStopping()) c.header('connection', 'close');
  });
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.use(async (c, next) => {
    c.set('keyId', (await authenticate(c.req.header('authorization'), keys)).id);
    await next();
  });
  app.get('/v1/models', (c) =>
    c.json({ object: 'list', data: [...tasks.values()].map((task) => modelOf(task, since)) }),
  );
  app.get('/v1/models/:id{.+}', (c) =>
    c.json(modelOf(matchTask(tasks, c.req.param('id'), undefined), since)),
  );
  app.post('/v1/chat/completions', (c) => chat(services, c.env, c.get('keyId')));
  for (const path of ['/healthz', '/v1/models', '/v1/chat/completions']) {
    app.all(path, (c) => {
      const message = `${path} does not take the method ${c.req.method}.`;
      throw new ApiError(405, 'method_not_allowed', message, { type: 'invalid_request_error' });
    });
  }
  app.notFound(() => {
    const message = 'There is no such endpoint: this gateway has /v1/chat/completions and /v1/models.';
    return errorResponse(new ApiError(404, 'unknown_url', message, { type: 'invalid_request_error' }));
  });
  app.onError((error) => errorResponse(asApiError(error, log)));
  return app;
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

async function chat(
  services: Services,
  { incoming, outgoing }: HttpBindings,
  keyId: string,
): Promise<Response> {
  const startedAt = performance.now();
  const at = new Date();
  if (services.isStopping()) {
    const message = 'This gateway is about to stop; try again in a moment.';
    throw new ApiError(503, 'stopping', message, { type: 'server_error', headers: { 'retry-after': '1' } });
  }
  if (services.recorder.isBehind) {
    const message = 'This gateway has more calls to record than it can take in; try again in a moment.';
    const headers = { 'retry-after': '1' };
    throw new ApiError(429, 'recording_behind', message, { type: 'rate_limit_error', headers });
  }
  const leave = services.slots.enter();
  const client = new ClientConnection(outgoing, services.limits.stalledClientMs);
  services.clients.add(client);
  try {
    const { text, request } = await readRequest(incoming, services.limits.bodyBytes);
    const drawn = drawnIn(incoming.headers['x-kolben-drawn']);
    const header = incoming.headers['x-kolben-task'];
    const task = matchTask(services.tasks, request.model, typeof header === 'string' ? header : undefined);
    const { route, student } = await services.book.state(task);
    const call = new OpenCall(
      { id: newCallId(), at, startedAt, keyId, task, route, text, request, drawn, client },
      services.log,
    );
    void services.recorder.take(call.record(), Buffer.byteLength(text));
    return await answerCall(services.desks, call, student).catch((error: unknown) =>
      failed(call, error, services.log),
    );
  } finally {
    void client.closed.then(() => {
      services.clients.delete(client);
      leave();
    });
  }
}

/** A fault of the gateway's own, in the middle of a call: told, recorded, and not the end of the others. */
function failed(call: OpenCall, cause: unknown, log: Log): Response {
  const error = asApiError(cause, log);
  call.end({
    answeredBy: call.arrival.route === 'student' ? 'student' : 'teacher',
    status: 'error',
    reason: 'route',
    response: null,
    charge: noCharge,
    streamed: false,
    error: { code: error.code, message: error.message },
  });
  return errorResponse(error, callHeaders(call.arrival));
}

function asApiError(error: unknown, log: Log): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof Gone)
    return new ApiError(499, 'client_gone', 'The client has gone.', { type: 'invalid_request_error' });
  log.error('internal_error', { reason: reasonOf(error) });
  return new ApiError(500, 'internal_error', 'This gateway made a mistake of its own; its log tells where.', {
    type: 'server_error',
  });
}
