/**
 * What several tables know of one provider, added up.
 *
 * @module
 */
import { toDate } from '../integers.ts';
import type { LatencyRanks, ProviderPerformance } from './performance.ts';

type Moment = number | bigint | string;

export class ProviderSums {
  readonly #provider: string;
  readonly #latency: LatencyRanks | null;
  readonly #codes = new Map<string, number>();
  #asked = 0;
  #failed = 0;
  #passedOn = 0;
  #aborted = 0;
  /** Failures whose time is known, and all of their milliseconds. */
  #timed = { failures: 0, ms: 0 };
  #lastError: ProviderPerformance['lastError'] = null;
  #lastAnswer: Date | null = null;

  constructor(provider: string, latency: LatencyRanks | null) {
    this.#provider = provider;
    this.#latency = latency;
  }

  answer(times: number, last: Moment): void {
    this.#asked += times;
    const at = toDate(last);
    if (this.#lastAnswer === null || this.#lastAnswer < at) this.#lastAnswer = at;
  }

  leave(times: number): void {
    this.#asked += times;
    this.#aborted += times;
  }

  /** @param tookMs of all of them; left out: unknown */
  fail(named: string | null, times: number, last: Moment, tookMs?: number, isPassedOn = false): void {
    const code = named ?? 'unknown';
    this.#asked += times;
    this.#failed += times;
    if (isPassedOn) this.#passedOn += times;
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + times);
    if (tookMs !== undefined) {
      this.#timed.failures += times;
      this.#timed.ms += tookMs;
    }
    const at = toDate(last);
    if (this.#lastError === null || this.#lastError.at < at) this.#lastError = { at, code };
  }

  result(): ProviderPerformance {
    const { failures, ms } = this.#timed;
    return {
      ...{ provider: this.#provider, asked: this.#asked, failed: this.#failed, passedOn: this.#passedOn },
      aborted: this.#aborted,
      errorCodes: [...this.#codes]
        .map(([code, times]) => ({ code, times }))
        .sort((a, b) => b.times - a.times || (a.code < b.code ? -1 : 1)),
      meanFailedMs: failures === 0 ? null : ms / failures,
      ...{ lastError: this.#lastError, lastAnswer: this.#lastAnswer, latency: this.#latency },
    };
  }
}
