/**
 * Asks a teacher by way of a gateway, over HTTP, as any client does.
 *
 * @module
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Ask, Reply } from '@kolben/distill';
import { parseJson } from '../json.ts';
import { reasonOf } from '../log/log.ts';
import { modelName } from '../tasks/model-names.ts';
import { jsonPoster } from './post-json.ts';

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
  const post = jsonPoster(address);
  const ask: Ask = async (request, signal, { requestId, drawn }) => {
    // Each answer is to be the teacher's own, not one that was given before.
    const headers = {
      'cache-control': 'no-store',
      'x-client-request-id': requestId,
      ...(drawn && { 'x-kolben-drawn': drawn }),
    };
    const posted = await post({ model: modelName(task), ...request }, { key, signal, headers }).catch(
      (error: unknown) => {
        throw new Error(`the gateway ${url} does not answer (${reasonOf(error)})`, { cause: error });
      },
    );
    return replyOf(posted.status, posted.headers, posted.text);
  };
  return Object.assign(ask, { close: post.close });
}

function replyOf(status: number, given: IncomingHttpHeaders, text: string): Reply {
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
