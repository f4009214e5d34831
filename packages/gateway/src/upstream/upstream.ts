/**
 * Asks teachers in order until one answers: retries where a failure may go away by itself, the next teacher where it
 * won't, and nobody that is known to be down.
 *
 * All of it before the first byte of an answer. Once a provider has begun, its answer is what the client gets, to
 * whatever end (decision 0200).
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Endpoint, FailedAttempt } from '@kolben/store';
import { parseJson } from '../json.ts';
import type { Log } from '../log/log.ts';
import { ApiError } from '../server/api-error.ts';
import { type CallWatch, noWatch } from '../telemetry/telemetry.ts';
import { pauseBefore } from './backoff.ts';
import { Breaker, type Leave } from './breaker.ts';
import { callProvider, type ProviderAnswer } from './call-provider.ts';
import type { Connections } from './connections.ts';
import { abortSignalOf, Gone, type GoneSignal } from './gone.ts';
import type { Provider, Teacher, Teachers } from './provider.ts';
import { brokeOff, fromProvider, tooSlow } from './provider-errors.ts';

/** What is to be asked of whom. */
export interface Question {
  /** Of the call, for the log. */
  id: string;
  task: string | null;
  endpoint: Endpoint;
  teachers: Teachers;
  /** Some of the task's teachers are kept out by its jurisdictions. */
  isFenced: boolean;
  /** The request as this teacher gets it. */
  bodyFor(teacher: Teacher): string;
  /** Aborted when the client has gone. */
  signal: GoneSignal;
  /** Told of each time that a provider is asked. */
  watch?: Pick<CallWatch, 'attempt'>;
}

/** How it went. */
export type Outcome =
  /** The head of an answer with a status of 2xx. */
  | ({ kind: 'answer'; teacher: Teacher; answer: ProviderAnswer } & InVain)
  /** None answered; `teacher` is the one asked last, undefined where nobody was. */
  | ({ kind: 'failed'; teacher: Teacher | undefined; error: ApiError } & InVain)
  /** The client left. `teacher` was being asked (`isUnderWay`), or was about to be asked again. */
  | ({ kind: 'gone'; teacher: Teacher; isUnderWay: boolean } & InVain);

/** What was tried without an answer. */
export interface InVain {
  /** Teachers, one for each time, that may well have read the prompt and will bill it, but gave no answer. */
  lost: readonly Teacher[];
  /** Who failed before `teacher` was asked the last time. */
  failedBefore: readonly FailedAttempt[];
  /** Milliseconds until `teacher` was asked the last time; 0 where nobody failed. */
  waitedMs: number;
}

export interface UpstreamOptions {
  connections: Connections;
  /** The largest answer that is accepted, bytes. */
  responseBytes: number;
  log: Log;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
  /** From [0, 1). */
  random?: () => number;
  /** Rejects when the signal is aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** After these the provider may have read the prompt. */
const atWork = new Set([tooSlow().code, brokeOff().code]);

export class Upstream {
  readonly #options: Required<UpstreamOptions>;
  readonly #breakers = new Map<string, Breaker>();

  constructor(options: UpstreamOptions) {
    this.#options = {
      now: () => performance.now(),
      random: Math.random,
      sleep: (ms, signal) => wait(ms, undefined, { signal }),
      ...options,
    };
  }

  /** Never rejects for what goes wrong at a provider. */
  async ask(question: Question): Promise<Outcome> {
    const lost: Teacher[] = [];
    const failed: FailedAttempt[] = [];
    let last: { teacher: Teacher; error: ApiError } | undefined;
    const first = this.#options.now();
    let began = first;
    const inVain = (failedBefore: readonly FailedAttempt[] = failed): InVain => ({
      ...{ lost, failedBefore, waitedMs: began - first },
    });
    /** Milliseconds until the first of those that are left alone may be asked again. */
    let soonest = Number.POSITIVE_INFINITY;
    for (const teacher of question.teachers) {
      const { provider } = teacher;
      for (let failures = 0; ; ) {
        const leave = this.#breaker(provider)?.enter();
        if (typeof leave === 'number') {
          soonest = Math.min(soonest, leave);
          break;
        }
        let failure: Failure;
        if (failed.length > 0) began = this.#options.now();
        try {
          const answer = await this.#once(question, teacher, leave);
          if ('body' in answer)
            return { kind: 'answer', teacher, answer, lost, failedBefore: failed, waitedMs: began - first };
          failure = answer;
        } catch (error) {
          if (error instanceof Gone) return { kind: 'gone', teacher, isUnderWay: true, ...inVain() };
          throw error;
        }
        const { error, what, headers } = failure;
        last = { teacher, error };
        if (atWork.has(error.code)) lost.push(teacher);
        const tookMs = this.#options.now() - began;
        failed.push({ provider: provider.name, at: new Date(), code: error.code, tookMs });
        failures += 1;
        const mayRepeat = what === 'again' && failures <= provider.retries.times;
        const { random } = this.#options;
        const pause = mayRepeat
          ? pauseBefore(failures, provider.retries, headers, random(), Date.now())
          : undefined;
        this.#tell(question, teacher, error, pause);
        if (what === 'end') return { kind: 'failed', teacher, error, ...inVain(failed.slice(0, -1)) };
        if (pause === undefined) break;
        try {
          await this.#options.sleep(pause, abortSignalOf(question.signal));
        } catch {
          return { kind: 'gone', teacher, isUnderWay: false, ...inVain() };
        }
      }
    }
    const error = last?.error ?? allSuspended(soonest);
    return {
      ...{ kind: 'failed', teacher: last?.teacher, error: question.isFenced ? fenced(error) : error },
      ...inVain(failed.slice(0, -1)),
    };
  }

  /** A provider failed in the middle of its answer. */
  failedLater(provider: Provider): void {
    this.#breaker(provider)?.failed();
  }

  /** By provider: whether it is left alone for now. Those that never failed may be missing. */
  suspended(): ReadonlyMap<string, boolean> {
    return new Map([...this.#breakers].map(([provider, breaker]) => [provider, breaker.isOpen]));
  }

  /** How many milliseconds a provider is left alone yet; 0 where it may be asked. */
  leftAloneMs(provider: string): number {
    return this.#breakers.get(provider)?.leftMs ?? 0;
  }

  async #once(
    question: Question,
    teacher: Teacher,
    leave: Leave | undefined,
  ): Promise<ProviderAnswer | Failure> {
    const { provider } = teacher;
    const { connections, responseBytes } = this.#options;
    const { signal } = question;
    const address = provider.urls[question.endpoint];
    const end = (question.watch ?? noWatch).attempt({
      kind: 'provider',
      provider: provider.name,
      model: teacher.model,
      address,
    });
    try {
      const options = { connections, signal, responseBytes };
      const answer = await callProvider(provider, question.endpoint, question.bodyFor(teacher), options);
      if (answer.status >= 200 && answer.status <= 299) {
        leave?.good();
        end('ok');
        return answer;
      }
      if (answer.status >= 500) leave?.bad();
      else leave?.good();
      const body = await answer.text().catch((error: unknown) => {
        if (error instanceof Gone) throw error;
        return '';
      });
      end(answer.status >= 500 ? 'failed' : 'refused', String(answer.status));
      return {
        error: fromProvider(answer.status, body, answer.headers, provider.key),
        what: afterStatus(answer.status, body),
        headers: answer.headers,
      };
    } catch (error) {
      end(error instanceof ApiError ? 'failed' : 'gone', error instanceof ApiError ? error.code : undefined);
      if (!(error instanceof ApiError)) {
        leave?.unknown();
        throw error;
      }
      leave?.bad();
      return { error, what: 'again', headers: {} };
    }
  }

  #breaker(provider: Provider): Breaker | undefined {
    if (provider.breaker === false) return undefined;
    const known = this.#breakers.get(provider.name);
    if (known) return known;
    const { log, now } = this.#options;
    const { openMs } = provider.breaker;
    const breaker = new Breaker(provider.breaker, now, (isOpen) => {
      if (isOpen) log.warn('provider_suspended', { provider: provider.name, forMs: openMs });
      else log.info('provider_resumed', { provider: provider.name });
    });
    this.#breakers.set(provider.name, breaker);
    return breaker;
  }

  #tell(question: Question, { provider, model }: Teacher, error: ApiError, pause: number | undefined): void {
    this.#options.log.warn('provider_failed', {
      id: question.id,
      task: question.task,
      provider: provider.name,
      model,
      reason: error.code,
      detail: error.forLog,
      status: error.status,
      againInMs: pause === undefined ? undefined : Math.round(pause),
    });
  }
}

interface Failure {
  error: ApiError;
  /**
   * - `again`: it may go away by itself.
   * - `next`: this provider can't, another may.
   * - `end`: the request is at fault, and any provider would say so.
   */
  what: 'again' | 'next' | 'end';
  headers: Readonly<Record<string, string | undefined>>;
}

function afterStatus(status: number, body: string): Failure['what'] {
  // 429 is also what OpenAI says when the account is empty.
  if (status === 429)
    return JSON.stringify(parseJson(body))?.includes('"insufficient_quota"') ? 'next' : 'again';
  if (status === 408 || status === 425) return 'again';
  if (status === 501 || status === 505) return 'next';
  if (status >= 500) return 'again';
  // A redirect, a refused key, an empty account, no such model there: not what was asked is wrong, but who was.
  if (status < 400 || [401, 402, 403, 404, 405, 407, 410].includes(status)) return 'next';
  return 'end';
}

function allSuspended(forMs: number): ApiError {
  const message =
    'The providers that could answer have failed again and again and are left alone for a moment; try again later.';
  const seconds = Math.max(1, Math.ceil(forMs / 1_000));
  const headers = { 'retry-after': String(seconds) };
  return new ApiError(503, 'providers_suspended', message, {
    type: 'provider_error',
    headers,
    values: { seconds },
  });
}

/** What is said where teachers stand outside the fence, who were not asked. */
function fenced(error: ApiError): ApiError {
  const message = `None of the providers that this task's jurisdictions permit could answer, and the others are not asked. ${error.message}`;
  const { type, param, headers, forLog } = error;
  return new ApiError(error.status, 'no_permitted_provider', message, { type, param, headers, forLog });
}
