/**
 * The endpoints that ask a model, straight on Node's request and response.
 *
 * They are what a gateway is for and are asked thousands of times a second; a web request and response around each
 * call would be time spent for nothing (decision 0250). The guards are those of the other endpoints, in the same
 * order.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonOf } from '../log/log.ts';
import type { Answer } from './answer.ts';
import { errorAnswer } from './api-error.ts';
import { asApiError } from './as-api-error.ts';
import { authenticate } from './authenticate.ts';
import { chat } from './chat.ts';
import { embeddings } from './embeddings.ts';
import { requireMeant } from './host-check.ts';
import { responses } from './responses.ts';
import type { Caller, Exchange, Services } from './services.ts';
import { writeAnswer } from './write-answer.ts';

type ModelEndpoint = (services: Services, exchange: Exchange, caller: Caller) => Promise<Answer>;

/** By path; each is asked with POST. */
export const modelEndpoints: ReadonlyMap<string, ModelEndpoint> = new Map([
  ['/v1/chat/completions', chat],
  ['/v1/embeddings', embeddings],
  ['/v1/responses', responses],
]);

/** Serves a request, unless it's for another endpoint: then false, and nothing has been done. */
export type ModelServer = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;

export function serveModels(services: Services): ModelServer {
  const { keys, isMeant, log, limits, telemetry } = services;
  return (incoming, outgoing) => {
    if (incoming.method !== 'POST') return false;
    const endpoint = modelEndpoints.get(pathOf(incoming.url ?? ''));
    if (!endpoint) return false;
    void (async () => {
      let answer: Answer;
      try {
        requireMeant(isMeant, incoming.headers.host);
        const caller = await authenticate(incoming.headers.authorization, keys);
        answer = await endpoint(services, { incoming, outgoing }, caller);
      } catch (error) {
        const refusal = asApiError(error, log);
        telemetry.refused(refusal.code);
        answer = errorAnswer(refusal);
      }
      await writeAnswer(incoming, outgoing, answer, {
        stalledMs: limits.stalledClientMs,
        last: services.isStopping(),
      });
    })().catch((error: unknown) => {
      log.error('answer_not_written', { reason: reasonOf(error) });
      outgoing.destroy();
    });
    return true;
  };
}

/** The path that a request line names: `/path?query`, or the whole address (RFC 9112, section 3.2.2). */
function pathOf(target: string): string {
  if (!target.startsWith('/')) return URL.canParse(target) ? new URL(target).pathname : '';
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
