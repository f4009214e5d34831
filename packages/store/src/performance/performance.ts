/**
 * How providers and a task's answerers have done, from the recorded calls. The shapes only; the sums are in
 * `stored-performance.ts`.
 *
 * @module
 */
import type { Answerer } from '../route.ts';

/** Of the calls that were answered well, milliseconds from the request to the end of the answer: nearest ranks. */
export interface LatencyRanks {
  /** How many calls. */
  calls: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface ProviderPerformance {
  /** As the calls name it: the one that was asked last, where several were. */
  provider: string;
  calls: number;
  /** Calls whose client got an error. */
  errors: number;
  /** Calls whose client left before the end. */
  aborted: number;
  /** By code, the commonest first. */
  errorCodes: { code: string; calls: number }[];
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
  /** By name. A call that was answered without its provider, or before one was asked, counts for none. */
  ofProviders(filter?: { since?: Date }): Promise<ProviderPerformance[]>;
  /** Teacher and student, as far as they answered. */
  ofTask(task: string, filter?: { since?: Date }): Promise<AnswererPerformance[]>;
}
