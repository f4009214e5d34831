/**
 * How providers and a task's answerers have done, from the recorded calls. The shapes only; the sums are in
 * `stored-performance.ts`.
 *
 * @module
 */
import type { Answerer } from '../route.ts';

/**
 * Of the calls that were answered well, milliseconds from the request to the end of the answer: nearest ranks. Of a
 * provider, from when it was asked, where another had failed before.
 */
export interface LatencyRanks {
  /** How many calls. */
  calls: number;
  p50: number;
  p95: number;
  p99: number;
}

/**
 * How a provider did each time that it was asked: for a client, to whatever end; in the background, to audit a student; and
 * in vain, before another provider was asked or the same once more.
 */
export interface ProviderPerformance {
  provider: string;
  /** How often. */
  asked: number;
  failed: number;
  /** Of those, after which somebody else was asked, or it once more. */
  passedOn: number;
  /** The client left before the end. */
  aborted: number;
  /** By code, the commonest first. */
  errorCodes: { code: string; times: number }[];
  /** Milliseconds from the question to the failure, on average; null where none is known. Audits have no times. */
  meanFailedMs: number | null;
  /** Null: there is none. */
  lastError: { at: Date; code: string } | null;
  lastAnswer: Date | null;
  /** Null where no call was answered. */
  latency: LatencyRanks | null;
}

/** Calls of applications that somebody had to answer: those of labelling and those from a cache are left out. */
export interface AnswererPerformance {
  answeredBy: Exclude<Answerer, 'cache'>;
  /** Answered calls. */
  calls: number;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  first: Date;
  last: Date;
  /** Milliseconds. */
  latency: LatencyRanks;
  meanLatencyMs: number;
}

export interface Performance {
  /**
   * By name. A call that was answered without its provider, or before one was asked, counts for none. Failures that were
   * passed on are kept by the hour: of that in which `since` lies, all count.
   */
  ofProviders(filter?: { since?: Date }): Promise<ProviderPerformance[]>;
  /** Teacher and student, as far as they answered. */
  ofTask(task: string, filter?: { since?: Date }): Promise<AnswererPerformance[]>;
}
