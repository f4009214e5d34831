/**
 * The HTTP server under the endpoints: its limits, and how it refuses what is no HTTP.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { KolbenError } from '@kolben/engine';
import type { Hono } from 'hono';
import type { Limits } from '../config/limits-schema.ts';
import { ApiError, errorResponse } from './api-error.ts';
import type { ModelServer } from './model-endpoints.ts';

/** The address can't be listened on. */
export class ListenError extends KolbenError {
  static readonly code = 'gateway_listen';

  constructor(message: string, options?: ErrorOptions) {
    super(ListenError.code, message, options);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: Hono's own type for an app of any environment
export function makeServer(app: Pick<Hono<any>, 'fetch'>, direct: ModelServer, limits: Limits): Server {
  const listener = getRequestListener((request, env) => app.fetch(request, env), {
    // A library must not exchange the Request and Response of the program that it's used in.
    overrideGlobalObjects: false,
    errorHandler: () => errorResponse(badRequest()),
  });
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(limits.requestMs, 5_000),
    },
    (incoming, outgoing) => {
      if (!direct(incoming, outgoing)) void listener(incoming, outgoing);
    },
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const refusal = refusals[error.code ?? ''] ?? badRequest();
    const body = JSON.stringify(refusal.body());
    const head = [
      `HTTP/1.1 ${refusal.status} ${reasonPhrases[refusal.status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
  return server;
}

/**
 * Listens; resolves with the port.
 *
 * @throws ListenError where the address is taken, not this machine's, or not permitted
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const say = (what: string) => new ListenError(what, { cause });
  switch (cause.code) {
    case 'EADDRINUSE':
      return say(
        `Port ${port} on ${host} is in use by another program; stop that one or choose another port.`,
      );
    case 'EACCES':
      return say(`Port ${port} on ${host} may not be used by this user; choose one above 1023.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return say(`${host} is no address of this machine; set host to 127.0.0.1, or to one that it has.`);
    default:
      return say(
        `The gateway can't listen on ${host}, port ${port} (${cause.code ?? cause.message}); choose another address.`,
      );
  }
}

function badRequest(): ApiError {
  return new ApiError(400, 'bad_request', 'This is no HTTP request that can be read.', {
    type: 'invalid_request_error',
  });
}

const refusals: Record<string, ApiError> = {
  HPE_HEADER_OVERFLOW: new ApiError(431, 'headers_too_large', 'The headers of the request are too large.', {
    type: 'invalid_request_error',
  }),
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError(408, 'request_timeout', 'The request did not arrive in time.', {
    type: 'invalid_request_error',
  }),
};

const reasonPhrases: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
