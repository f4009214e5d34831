/**
 * Asks a teacher by way of a gateway, over HTTP, as any client does.
 *
 * On node:http for the reasons of decision 0023: no redirect is followed, and no clock but the gateway's own ends a
 * call whose answer takes long.
 *
 * @module
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { Ask, Reply } from '@kolben/distill';
import { parseJson } from '../json.ts';
import { reasonOf } from '../log/log.ts';
import { modelName } from '../tasks/match-task.ts';

export interface GatewayDoor {
  /** The gateway's address, with or without `/v1`. */
  readonly url: string;
  /** A key of scope `use`. */
  readonly key: string;
  readonly task: string;
}

/** An `Ask` for labelling, with connections that are kept open between calls. `close` lets them go. */
export function gatewayAsk({ url, key, task }: GatewayDoor): Ask & { close(): void } {
  const address = new URL(`${url.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1/chat/completions`);
  const secure = address.protocol === 'https:';
  const agent = new (secure ? https : http).Agent({ keepAlive: true });
  const ask: Ask = (request, signal, drawn) =>
    new Promise<Reply>((resolve, reject) => {
      const body = Buffer.from(JSON.stringify({ model: modelName(task), ...request }));
      const silent = (error: unknown) =>
        reject(new Error(`the gateway ${url} does not answer (${reasonOf(error)})`, { cause: error }));
      const sent = (secure ? https : http).request(address, {
        method: 'POST',
        agent,
        signal,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'content-length': body.length,
          ...(drawn && { 'x-kolben-drawn': drawn }),
        },
      });
      sent.once('error', silent);
      sent.once('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', silent);
        response.once('end', () =>
          resolve(
            replyOf(response.statusCode ?? 0, response.headers, Buffer.concat(pieces).toString('utf8')),
          ),
        );
      });
      sent.end(body);
    });
  return Object.assign(ask, { close: () => agent.destroy() });
}

function replyOf(status: number, given: http.IncomingHttpHeaders, text: string): Reply {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(given)) if (typeof value === 'string') headers[name] = value;
  const cost = Number(headers['x-kolben-cost-usd'] ?? Number.NaN);
  return {
    status,
    headers,
    body: parseJson(text),
    cost: cost >= 0 ? cost : undefined,
    call: headers['x-kolben-call-id'],
    answeredBy: headers['x-kolben-answered-by'],
  };
}
