/**
 * Sends a request to a provider and gives its answer back as it arrives.
 *
 * Three things are certain: a redirect is never followed, the clocks of the configuration are the only ones, and giving
 * up closes the connection at once (decision 0023).
 *
 * @module
 */
import type { Endpoint } from '@kolben/store';
import { reasonOf } from '../log/log.ts';
import { ApiError } from '../server/api-error.ts';
import { type Connections, LostConnection, type Reply } from './connections.ts';
import { Gone, type GoneSignal } from './gone.ts';
import type { Provider } from './provider.ts';
import { brokeOff, tooLarge, tooSlow, unreachable } from './provider-errors.ts';

/** A provider's answer, its head read and its body still to come. */
export interface ProviderAnswer {
  status: number;
  contentType: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * The body's bytes as they arrive; to be read once. Not reading on makes the provider wait.
   *
   * @throws ApiError when the provider falls silent, breaks off or sends too much
   * @throws Gone when the call was given up
   */
  readonly body: AsyncGenerator<Uint8Array, void, undefined>;
  /** All of the body, as text; instead of `body`. Throws what that does. */
  text(): Promise<string>;
}

export interface CallOptions {
  connections: Connections;
  /** Aborted when the client has gone. */
  signal: GoneSignal;
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
  const reply = await send(provider, endpoint, body, options, true);
  const contentType = reply.headers['content-type'];
  // What few answers need is made when it's asked for.
  return {
    status: reply.status,
    contentType: typeof contentType === 'string' ? contentType : '',
    get headers() {
      return single(reply.headers);
    },
    get body() {
      return readBody(reply, options);
    },
    text: () => readText(reply, options),
  };
}

/** Those that stand there once. */
function single(headers: Reply['headers']): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') found[name] = value;
  return found;
}

async function send(
  provider: Provider,
  endpoint: Endpoint,
  body: string,
  options: CallOptions,
  mayRepeat: boolean,
): Promise<Reply> {
  try {
    return await options.connections.post({
      url: provider.urls[endpoint],
      headers: headersFor(provider),
      body,
      signal: options.signal,
      times: provider.timeouts,
      tooSlow,
    });
  } catch (error) {
    if (!(error instanceof LostConnection)) throw error;
    // A connection kept from an earlier call that the provider closed just now: nobody has read this request.
    if (mayRepeat && error.wasKept) return send(provider, endpoint, body, options, false);
    throw unreachable(reasonOf(error.cause));
  }
}

const fixedHeaders = new WeakMap<Provider, Readonly<Record<string, string>>>();

function headersFor(provider: Provider): Readonly<Record<string, string>> {
  const known = fixedHeaders.get(provider);
  if (known) return known;
  const made = makeHeaders(provider);
  fixedHeaders.set(provider, made);
  return made;
}

function makeHeaders({ key }: Provider): Record<string, string> {
  return {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    // Chunks are passed on as they are, so they must come as they are.
    'accept-encoding': 'identity',
    'user-agent': 'kolben',
  };
}

async function* readBody(
  reply: Reply,
  { responseBytes }: CallOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  try {
    for await (const piece of reply.body) {
      received += piece.length;
      if (received > responseBytes) throw tooLarge();
      yield piece;
    }
  } catch (error) {
    throw isTold(error) ? error : brokeOff();
  }
}

async function readText(reply: Reply, { responseBytes }: CallOptions): Promise<string> {
  try {
    return (await reply.whole(responseBytes, tooLarge)).toString('utf8');
  } catch (error) {
    throw isTold(error) ? error : brokeOff();
  }
}

/** Errors that say themselves what happened; any other is a matter of the connection. */
function isTold(error: unknown): error is ApiError | Gone {
  return error instanceof ApiError || error instanceof Gone;
}
