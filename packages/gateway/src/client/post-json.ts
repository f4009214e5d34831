/**
 * Posts JSON over connections that are kept open.
 *
 * On node:http for the reasons of decision 0023: no redirect is followed, and no clock of ours ends a call whose answer
 * takes long.
 *
 * @module
 */
import * as http from 'node:http';
import * as https from 'node:https';

export interface PostOptions {
  /** Sent as a bearer token. */
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Posted {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** Posts to one address, as often as is wanted. */
export interface JsonPoster {
  /** @throws whatever the connection breaks with, among it the signal's abort */
  (value: unknown, options?: PostOptions): Promise<Posted>;
  /** Closes the connections that are open. */
  close(): void;
}

export function jsonPoster(address: URL): JsonPoster {
  const { Agent, request } = address.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true });
  const post = (value: unknown, { key, headers, signal }: PostOptions = {}) =>
    new Promise<Posted>((resolve, reject) => {
      const body = Buffer.from(JSON.stringify(value));
      const sent = request(address, {
        method: 'POST',
        agent,
        ...(signal && { signal }),
        headers: {
          ...headers,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          'content-type': 'application/json',
          'content-length': body.length,
        },
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(pieces).toString('utf8'),
          }),
        );
      });
      sent.end(body);
    });
  return Object.assign(post, { close: () => agent.destroy() });
}
