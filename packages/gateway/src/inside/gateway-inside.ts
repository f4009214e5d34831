/**
 * What a running gateway knows and can do, for pages that are served beside its endpoints. The shapes only.
 *
 * @module
 */
import type { Call, Key, StudentAnswer, Usage } from '@kolben/store';
import type { GatewayStatus } from '../admin/status.ts';
import type { JsonObject } from '../json.ts';
import type { Log } from '../log/log.ts';
import type { AnswerError } from '../server/answer.ts';

/** How a provider stands at this moment. */
export interface ProviderStanding {
  name: string;
  /** False: its key isn't in the environment, or its folder isn't served, for no task needs it. */
  canBeAsked: boolean;
  /** Left alone because it failed again and again. */
  suspended: boolean;
  /** How many milliseconds from now it may be asked again; 0 where it may be now. */
  leftAloneMs: number;
}

/** A call of a person at the console. */
export interface OwnQuestion {
  /** As clients name it: `kolben/<task>`, `<provider>/<model>`, `student/<id>`. */
  model: string;
  /** The rest of a chat request, `messages` at least. Not streamed. */
  request: JsonObject;
  /** In whose name it is recorded and charged, whatever its scope. */
  key: Pick<Key, 'id' | 'limits'>;
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal;
}

export interface OwnAnswer {
  /** As it is answered over HTTP, errors of the call among it: `{ error: { message, code, … } }`. */
  status: number;
  body: JsonObject;
  /** The same error by code and values, for a page that says it in another language; null: there is none. */
  error: AnswerError | null;
  /** Its record, as far as it is known when the answer is there. */
  call: Pick<Call, 'id' | 'task' | 'route' | 'answeredBy' | 'provider' | 'model' | 'latencyMs' | 'cost'> & {
    teacherCost: number;
    usage: Usage;
    student: StudentAnswer | null;
  };
  /** Why it was this one who answered: `route`, `confident`, `unsure`, … */
  reason: string;
}

export interface GatewayInside {
  status(): Promise<GatewayStatus>;
  /** All of the configuration. */
  providers(): ProviderStanding[];
  /**
   * Asks as a client would: recorded, charged and bounded like any call, but no sample of what the task is asked. So it
   * is marked as `chosen`, is never asked of both by lot, counts for no drift, and no cache answers it.
   *
   * @throws ApiError where the call isn't taken at all: unknown model, a budget or limit reached, the gateway is stopping
   */
  ask(question: OwnQuestion): Promise<OwnAnswer>;
  /** Resolves when every call answered so far is recorded. */
  flush(): Promise<void>;
  /** Aborted when the gateway begins to stop: what is kept open for a page must end. */
  stopping: AbortSignal;
  log: Log;
}

/** Pages that are served under `/console`: anything with Hono's `fetch`. They answer for their own access. */
export interface Pages {
  /** @param bindings Node's own request and response, of `@hono/node-server` */
  fetch(request: Request, bindings?: unknown): Response | Promise<Response>;
}
