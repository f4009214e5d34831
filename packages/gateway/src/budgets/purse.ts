/**
 * Whether a call may be made, as far as money and limits go: asked before it is begun.
 *
 * @module
 */
import type {
  AdmissionAnswer,
  BudgetSubject,
  Endpoint,
  KeyLimits,
  ReservationAnswer,
  Store,
} from '@kolben/store';
import type { Bounds, Budget } from '../config/budget-schema.ts';
import type { Price } from '../config/price-schema.ts';
import type { JsonObject } from '../json.ts';
import { mostCostOf } from '../ledger/cost.ts';
import { type Log, reasonOf } from '../log/log.ts';
import { ApiError } from '../server/api-error.ts';
import { mostTokens } from './most-tokens.ts';
import { rateHeaders } from './rate-headers.ts';

/** A call, as far as its money is concerned. */
export interface Spender {
  id: string;
  /** When it came in. */
  at: Date;
  key: { id: string; limits: KeyLimits };
  /** Null of a call that belongs to no task. */
  task: { name: string; budget: Budget | undefined } | null;
  bounds: Bounds;
  endpoint: Endpoint;
  /** The request as the client wrote it, and what it says. */
  text: string;
  request: JsonObject;
}

export interface PurseOptions {
  budgets: Store['budgets'];
  /** Of all calls together. */
  budget: Budget | undefined;
  log: Log;
}

export class Purse {
  readonly #options: PurseOptions;

  constructor(options: PurseOptions) {
    this.#options = options;
  }

  /**
   * Lets a call in under its key's limits per minute.
   *
   * @returns headers that tell what is left of them; undefined where the key has none
   * @throws ApiError 429 with `retry-after` where a limit has no room for it
   */
  async admit(call: Spender): Promise<Record<string, string> | undefined> {
    const { requestsPerMinute, tokensPerMinute } = call.key.limits;
    if (requestsPerMinute === null && tokensPerMinute === null) return undefined;
    const { promptTokens, completionTokens } = mostTokens(
      call.endpoint,
      call.text,
      call.request,
      call.bounds,
    );
    const tokens = promptTokens + completionTokens;
    const answer = await this.#ask(() =>
      this.#options.budgets.admit({
        callId: call.id,
        at: call.at,
        keyId: call.key.id,
        tokens,
        limits: {
          requestsPerMinute: requestsPerMinute ?? undefined,
          tokensPerMinute: tokensPerMinute ?? undefined,
        },
      }),
    );
    const headers = rateHeaders(answer);
    if (answer.admitted) return headers;
    throw tooMany(answer, tokens, headers);
  }

  /**
   * Sets the most aside that the call can cost, before a teacher is asked. Nothing is asked where there is no budget.
   *
   * @param prices of the teachers that may answer
   * @returns what was set aside, USD; undefined where there is no budget
   * @throws ApiError 429 where a budget has no room for it
   */
  async reserve(call: Spender, prices: readonly Price[]): Promise<number | undefined> {
    const { budgets, budget } = this.#options;
    const limits: Record<BudgetSubject, number | undefined> = {
      total: budget?.usdPerMonth,
      task: call.task?.budget?.usdPerMonth,
      key: call.key.limits.usdPerMonth ?? undefined,
    };
    if (Object.values(limits).every((limit) => limit === undefined)) return undefined;
    const { promptTokens, completionTokens } = mostTokens(
      call.endpoint,
      call.text,
      call.request,
      call.bounds,
    );
    const most = Math.max(...prices.map((price) => mostCostOf(promptTokens, completionTokens, price)));
    const { id: callId, at, key } = call;
    const task = call.task?.name ?? null;
    const answer = await this.#ask(() =>
      budgets.reserve({ callId, at, task, keyId: key.id, most, budgets: limits }),
    );
    if (answer.granted) return most;
    this.#options.log.warn('budget_refused', {
      id: callId,
      task,
      key: key.id,
      of: answer.subject,
      budget: answer.budget,
      spent: answer.spent,
      reserved: answer.reserved,
    });
    throw answer.final ? usedUp(answer, at) : noRoom(answer);
  }

  /** Sets free what was set aside for a call that won't be recorded. */
  async release(callId: string): Promise<void> {
    const { budgets, log } = this.#options;
    await budgets
      .release(callId)
      .catch((error: unknown) => log.error('budget_not_released', { id: callId, reason: reasonOf(error) }));
  }

  /** A store that can't be asked must not become a way around the limits. */
  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      this.#options.log.error('budget_not_read', { reason: reasonOf(error) });
      const message = "This gateway can't reach its accounts at the moment; try again in a moment.";
      const headers = { 'retry-after': '1' };
      throw new ApiError(503, 'budget_unknown', message, { type: 'server_error', headers });
    }
  }
}

const whose: Record<BudgetSubject, string> = {
  total: 'The budget of this gateway',
  task: "This task's budget",
  key: "This key's budget",
};

type Refused = Extract<ReservationAnswer, { granted: false }>;

/** OpenAI's clients know the type, and don't try again by themselves where they are told not to. */
function usedUp({ subject, budget, spent }: Refused, at: Date): ApiError {
  const renewsAt = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
  const next = new Date(renewsAt).toISOString().slice(0, 10);
  const message = `${whose[subject]} has no room for this call any more this month; it begins anew on ${next} (UTC), unless it is raised before.`;
  const headers = { 'x-should-retry': 'false' };
  return new ApiError(429, 'budget_exhausted', message, {
    ...{ type: 'insufficient_quota', headers },
    values: { of: subject, budget, spent, renewsAt },
  });
}

function noRoom({ subject, budget, spent, reserved }: Refused): ApiError {
  const message = `${whose[subject]} has no room for this call beside those under way; try again in a moment.`;
  const headers = { 'retry-after': '1' };
  return new ApiError(429, 'budget_reserved', message, {
    ...{ type: 'rate_limit_error', headers },
    values: { of: subject, budget, spent, reserved },
  });
}

/** As OpenAI says it: the type is the limit that was reached. */
function tooMany(answer: AdmissionAnswer, tokens: number, headers: Record<string, string>): ApiError {
  const what = answer.refusedBy ?? 'requests';
  const limit = answer[what]?.limit ?? 0;
  if (what === 'tokens' && tokens > limit) {
    const message = `This call may use ${tokens} tokens, and its key has ${limit} a minute; send less, or set max_tokens lower.`;
    return new ApiError(429, 'rate_limit_exceeded', message, {
      ...{ type: 'tokens', headers: { ...headers, 'x-should-retry': 'false' } },
      values: { what: 'call', tokens, limit },
    });
  }
  const seconds = Math.max(1, Math.ceil(answer.resetMs / 1_000));
  const message = `This key's limit of ${limit} ${what} per minute is reached; try again in ${seconds} s.`;
  return new ApiError(429, 'rate_limit_exceeded', message, {
    ...{ type: what, headers: { ...headers, 'retry-after': String(seconds) } },
    values: { what, limit, seconds },
  });
}
