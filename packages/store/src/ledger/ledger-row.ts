/**
 * What the calls cost, and what the teacher alone would have cost. The shapes only; the sums are in `ledger.ts`.
 *
 * @module
 */
import type { Answerer } from '../route.ts';

export interface LedgerFilter {
  task?: string;
  /** Calls that came in at or after this moment. */
  since?: Date;
  /** Calls that came in before this moment. */
  until?: Date;
}

/** Sums over calls. Money in USD, summed as whole nano-USD, so that no cent is lost on the way. */
export interface LedgerSums {
  calls: number;
  /** Of these, calls whose tokens no provider reported. */
  estimatedCalls: number;
  promptTokens: number;
  completionTokens: number;
  /** Of the prompts' tokens: taken from the providers' caches. */
  cachedTokens: number;
  /** Of the prompts' tokens: put into the providers' caches. */
  cacheWriteTokens: number;
  /** Of the completions' tokens: thought and not said. */
  reasoningTokens: number;
  /** Of the prompts' and of the completions' tokens: sound. */
  audioInputTokens: number;
  audioOutputTokens: number;
  cost: number;
  teacherCost: number;
  /** `teacherCost − cost`; below zero where asking both cost more than it saved. */
  saved: number;
}

export interface LedgerRow extends LedgerSums {
  /** Null: calls that belong to no task. */
  task: string | null;
  answeredBy: Answerer;
}

/** Calls of one stretch of time and one answerer. Money in USD. */
export interface LedgerStep {
  /** Where the stretch begins. */
  at: Date;
  answeredBy: Answerer;
  calls: number;
  cost: number;
  teacherCost: number;
}

export interface TimelineFilter {
  since: Date;
  until: Date;
  /** How long a stretch is, whole milliseconds, at least 1,000; the first begins at `since`. */
  stepMs: number;
  task?: string;
}

export interface Ledger {
  /** One row per task and answerer, by task (those without one last), teacher, student, cache. */
  summary(filter?: LedgerFilter): Promise<LedgerRow[]>;
  /** The same, in one sum. */
  totals(filter?: LedgerFilter): Promise<LedgerSums>;
  /** Stretches of time one after another, by answerer; those without a call are left out. */
  timeline(filter: TimelineFilter): Promise<LedgerStep[]>;
}
