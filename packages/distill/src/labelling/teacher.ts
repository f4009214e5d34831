/**
 * A teacher with its manners: what it takes in a request, when it wants to be left alone, and when it is of no use.
 *
 * @module
 */
import type { Drawn } from '@kolben/store';
import type { Ask, ChatRequest, Reply } from './ask.ts';
import { LabellingError } from './labelling-error.ts';
import { retryDelay } from './retry-delay.ts';

export interface TeacherOptions {
  readonly ask: Ask;
  /** How the inputs were found. */
  readonly drawn?: Drawn | undefined;
  /** As `provider/model`, for errors. */
  readonly name: string;
  /** How often a call is put at the most, when the teacher is busy or out of order. */
  readonly attempts: number;
  /** Aborted: nothing more is asked. */
  readonly signal: AbortSignal;
  /** Aborted: what is under way is given up, though it may have to be paid. */
  readonly giveUp: AbortSignal;
  /** Waits so many milliseconds; rejects with the signal's reason. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A random number in [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A try is under way: what it may cost has been set aside. */
export interface Try {
  /** Of this try alone. */
  readonly requestId: string;
  /** It failed. @param cost USD; undefined where nobody knows */
  ended(cost: number | undefined): Promise<void>;
  /** It was answered. @param cost USD */
  answered(cost: number): void;
}

/** What came of asking. */
export type Asked =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly trial: Try }
  /** The provider will not take this very request. */
  | { readonly kind: 'request_refused'; readonly said: string; readonly reply: Reply }
  /** It was busy or out of order, every time. */
  | { readonly kind: 'failed'; readonly said: string }
  /** There was no money for it. */
  | { readonly kind: 'unaffordable' };

/** Settings that a teacher may refuse, and can be asked without. */
type Dispensable = 'logprobs' | 'temperature';

export class Teacher {
  readonly #options: TeacherOptions;
  readonly #refused = new Set<Dispensable>();
  /** The member that bounds the answer: newer models of OpenAI know the second only, others the first only. */
  #limit: 'max_tokens' | 'max_completion_tokens' = 'max_tokens';
  #limitChanged = false;
  /** Nobody asks before this moment: the teacher has said so. */
  #notBefore = 0;

  constructor(options: TeacherOptions) {
    this.#options = options;
  }

  /** Whether log-probabilities are still asked for. */
  get givesLogprobs(): boolean {
    return !this.#refused.has('logprobs');
  }

  /**
   * Asks until there is a reply, or no use.
   *
   * @param wanted the request, with the most tokens for its answer
   * @param begin called before each try; undefined: there is no money for it
   * @throws LabellingError where the teacher will not talk to us at all
   */
  async ask(
    wanted: ChatRequest & { readonly maxTokens: number | undefined },
    begin: () => Promise<Try | undefined>,
  ): Promise<Asked> {
    const { attempts, signal, giveUp, sleep, random, now } = this.#options;
    let said = '';
    /** Asked without log-probabilities to see whether it was they that were refused. */
    let bare = false;
    for (let attempt = 1; attempt <= attempts; ) {
      for (let wait = this.#notBefore - now(); wait > 0; wait = this.#notBefore - now())
        await sleep(wait, signal);
      signal.throwIfAborted();
      const trial = await begin();
      if (!trial) return { kind: 'unaffordable' };
      const request = this.#dressed(bare ? { ...wanted, logprobs: undefined } : wanted);
      let reply: Reply;
      try {
        reply = await this.#options.ask(request, giveUp, {
          requestId: trial.requestId,
          drawn: this.#options.drawn,
        });
      } catch (error) {
        await trial.ended(undefined);
        signal.throwIfAborted();
        said = error instanceof Error ? error.message : String(error);
        await sleep(retryDelay(undefined, attempt++, random(), now()), signal);
        continue;
      }
      const { status } = reply;
      if (status >= 200 && status < 300) {
        if (bare) this.#refused.add('logprobs');
        // The money is settled by whoever reads the answer, together with it.
        return { kind: 'reply', reply, trial };
      }
      await trial.ended(reply.cost ?? (status < 500 ? 0 : undefined));
      said = words(reply);
      if (isHopeless(reply)) throw this.#hopeless(said);
      if (status === 400 || status === 422) {
        if (this.#concedes(request, reply)) continue;
        // Some say what they don't know, some only that they don't: without it one knows.
        if ('logprobs' in request) {
          bare = true;
          continue;
        }
        return { kind: 'request_refused', said, reply };
      }
      if (status !== 408 && status !== 409 && status !== 425 && status !== 429 && status < 500)
        return { kind: 'request_refused', said, reply };
      const wait = retryDelay(reply.headers, attempt++, random(), now());
      // Who is told to slow down slows down as a whole; a fault of the server is the call's own.
      if (status === 429 || reply.headers['retry-after'] !== undefined)
        this.#notBefore = Math.max(this.#notBefore, now() + wait);
      else await sleep(wait, signal);
    }
    return { kind: 'failed', said };
  }

  #dressed({
    maxTokens,
    logprobs,
    top_logprobs,
    temperature,
    ...rest
  }: ChatRequest & {
    readonly maxTokens: number | undefined;
  }): ChatRequest {
    return {
      ...rest,
      ...(temperature === undefined || this.#refused.has('temperature') ? {} : { temperature }),
      ...(logprobs === undefined || this.#refused.has('logprobs') ? {} : { logprobs, top_logprobs }),
      ...(maxTokens === undefined ? {} : { [this.#limit]: maxTokens }),
    };
  }

  /** Whether the next try leaves out or renames what this one was refused for. */
  #concedes(request: ChatRequest, reply: Reply): boolean {
    const told = `${(errorOf(reply).param as string | undefined) ?? ''} ${words(reply)}`.toLowerCase();
    const refuse = (what: Dispensable) => {
      this.#refused.add(what);
      return true;
    };
    if ('temperature' in request && /\btemperature\b/.test(told)) return refuse('temperature');
    if (this.#limit in request && /\bmax_(completion_)?tokens\b/.test(told) && !this.#limitChanged) {
      this.#limitChanged = true;
      this.#limit = 'max_completion_tokens';
      return true;
    }
    // Asked with a name that another call has made to change meanwhile.
    if ('max_tokens' in request && this.#limit !== 'max_tokens' && /\bmax_(completion_)?tokens\b/.test(told))
      return true;
    return 'logprobs' in request && /logprobs/.test(told) && refuse('logprobs');
  }

  #hopeless(said: string): LabellingError {
    return new LabellingError(
      'labelling_refused',
      `The teacher ${this.#options.name} cannot be asked: ${said.replace(/[.\s]+$/, '')}. What it has answered is kept; set it right and run the same command again.`,
    );
  }
}

/** Keys, addresses, accounts: asking again, or something else, would end the same. */
function isHopeless(reply: Reply): boolean {
  const { status } = reply;
  const code = String(errorOf(reply).code ?? '');
  if (status === 401 || status === 402 || status === 403 || status === 404) return true;
  return ['provider_refused_key', 'provider_redirect', 'insufficient_quota', 'student_missing'].includes(
    code,
  );
}

function errorOf({ body }: Reply): Record<string, unknown> {
  const error = (body as { error?: unknown } | undefined)?.error;
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
}

const longestWords = 300;

function words(reply: Reply): string {
  const { message } = errorOf(reply);
  const said = typeof message === 'string' ? message.replace(/\s+/g, ' ').trim() : '';
  return said === '' ? `it answers with status ${reply.status}` : said.slice(0, longestWords);
}
