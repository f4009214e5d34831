/**
 * Sends a request to a provider and gives its answer back as it arrives.
 *
 * On node:http rather than fetch, because three things must be certain: a redirect is never followed, the clock of
 * the configuration is the only one, and giving up closes the connection at once (decision 0023).
 *
 * @module
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Endpoint } from '@kolben/store';
import { reasonOf } from '../log/log.ts';
import { ApiError } from '../server/api-error.ts';
import { Gone } from './gone.ts';
import type { Provider } from './provider.ts';
import { brokeOff, tooLarge, tooSlow, unreachable } from './provider-errors.ts';

/** A provider's answer, its head read and its body still to come. */
export interface ProviderAnswer {
  status: number;
  contentType: string;
  headers: Readonly<Record<string, string | undefined>>;
  /**
   * The body's bytes as they arrive; to be read once. Not reading on makes the provider wait.
   *
   * @throws ApiError when the provider falls silent, breaks off or sends too much
   * @throws Gone when the call was given up
   */
  body: AsyncGenerator<Uint8Array, void, undefined>;
}

/** Connections to providers, kept open between calls. */
export class Connections {
  readonly #http = new http.Agent({ keepAlive: true });
  readonly #https = new https.Agent({ keepAlive: true });

  /** Begins a request. */
  request(url: URL, options: http.RequestOptions): http.ClientRequest {
    return url.protocol === 'https:'
      ? https.request(url, { ...options, agent: this.#https })
      : http.request(url, { ...options, agent: this.#http });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

export interface CallOptions {
  connections: Connections;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
  /** The largest body that is accepted, bytes. */
  responseBytes: number;
}

/**
 * Asks a provider; resolves when its status and headers are there, whatever the status.
 *
 * @param body the request's JSON
 * @throws ApiError when the provider can't be reached or keeps silent
 * @throws Gone when the call was given up
 */
export async function callProvider(
  provider: Provider,
  endpoint: Endpoint,
  body: string,
  options: CallOptions,
): Promise<ProviderAnswer> {
  const response = await send(provider, endpoint, Buffer.from(body), options, true);
  const giveUp = () => response.destroy(new Gone());
  options.signal.addEventListener('abort', giveUp, { once: true });
  response.once('close', () => options.signal.removeEventListener('abort', giveUp));
  // Whoever reads the body hears of its errors; they must not end the process where nobody reads it any more.
  response.on('error', () => {});
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (typeof value === 'string') headers[name] = value;
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    headers,
    body: readBody(response, provider.timeouts.silenceMs, options),
  };
}

function send(
  provider: Provider,
  endpoint: Endpoint,
  body: Buffer,
  options: CallOptions,
  mayRepeat: boolean,
): Promise<http.IncomingMessage> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new Gone());
      return;
    }
    const request = options.connections.request(provider.urls[endpoint], {
      method: 'POST',
      headers: {
        ...(provider.key === undefined ? {} : { authorization: `Bearer ${provider.key}` }),
        'content-type': 'application/json',
        'content-length': body.length,
        accept: 'application/json, text/event-stream',
        // Chunks are passed on as they are, so they must come as they are.
        'accept-encoding': 'identity',
        'user-agent': 'kolben',
      },
    });
    const { connectMs, firstByteMs } = provider.timeouts;
    const silence = setTimeout(() => request.destroy(tooSlow()), firstByteMs);
    let connecting: NodeJS.Timeout | undefined;
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      connecting = setTimeout(() => request.destroy(unreachable('CONNECT_TIMEOUT')), connectMs);
      const isTls = provider.urls[endpoint].protocol === 'https:';
      socket.once(isTls ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    });
    const giveUp = () => request.destroy(new Gone());
    signal.addEventListener('abort', giveUp, { once: true });
    const settle = () => {
      clearTimeout(silence);
      clearTimeout(connecting);
      signal.removeEventListener('abort', giveUp);
    };
    request.once('response', (response) => {
      settle();
      // From here on errors belong to the body; the request's own echo of them has been heard.
      request.on('error', () => {});
      resolve(response);
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      settle();
      // A connection kept from an earlier call that the provider closed just now: nobody has read this request.
      // (Node's documentation of `reusedSocket` describes the race and this remedy.)
      if (mayRepeat && request.reusedSocket && error.code === 'ECONNRESET') {
        resolve(send(provider, endpoint, body, options, false));
      } else {
        reject(isTold(error) ? error : unreachable(reasonOf(error)));
      }
    });
    request.end(body);
  });
}

async function* readBody(
  response: http.IncomingMessage,
  silenceMs: number,
  { signal, responseBytes }: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces: AsyncIterator<Uint8Array> = response[Symbol.asyncIterator]();
  let received = 0;
  try {
    for (;;) {
      if (signal.aborted) throw new Gone();
      // The clock runs only while the provider is waited for, not while the client is slow to read.
      const silence = setTimeout(() => response.destroy(tooSlow()), silenceMs);
      const next = await pieces.next().finally(() => clearTimeout(silence));
      if (next.done) return;
      received += next.value.length;
      if (received > responseBytes) throw tooLarge();
      yield next.value;
    }
  } catch (error) {
    if (signal.aborted) throw new Gone();
    throw isTold(error) ? error : brokeOff();
  } finally {
    response.destroy();
  }
}

/** Errors that say themselves what happened; any other is a matter of the connection. */
function isTold(error: unknown): error is ApiError | Gone {
  return error instanceof ApiError || error instanceof Gone;
}
