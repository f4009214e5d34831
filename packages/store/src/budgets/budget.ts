/**
 * Budgets and limits: what may be spent, what has been, and what is set aside for calls under way. The shapes only;
 * the work is in `budgets.ts`.
 *
 * What a call costs is known when it is over. So the most that it can cost is set aside before it is begun, and
 * what it did cost takes its place in the very transaction that records it: a sum of calls under way and calls
 * recorded can't pass a budget, however many come at once and from however many processes.
 *
 * @module
 */

/** What is set aside for a call: money of a month, tokens of a minute. */
export const reserved = ['money', 'tokens'] as const;
export type Reserved = (typeof reserved)[number];

/** Whose budget: that of all calls, of a task, of a key. */
export const budgetSubjects = ['total', 'task', 'key'] as const;
export type BudgetSubject = (typeof budgetSubjects)[number];

/** Money to set aside for a call that is about to be asked. */
export interface NewReservation {
  /** The id that the call will be recorded under; `calls.record` settles it. */
  callId: string;
  /** When the request came in: the calendar month (UTC) of it is charged. */
  at: Date;
  task: string | null;
  keyId: string | null;
  /** The most that the call can cost, USD, ≥ 0; rounded up to a whole nano-USD. */
  most: number;
  /** What may be spent in a month, USD; left out: no limit. */
  budgets: Partial<Record<BudgetSubject, number | undefined>>;
}

export type ReservationAnswer =
  | { granted: true }
  | {
      granted: false;
      /** The budget that has no room for it; of several the widest. */
      subject: BudgetSubject;
      /** USD. */
      budget: number;
      spent: number;
      reserved: number;
      /** What is spent already leaves no room. False: calls under way do, and may leave some when they are over. */
      final: boolean;
    };

/** A call that wants in under its key's limits per minute. */
export interface NewAdmission {
  callId: string;
  /** When the request came in: the minute (UTC) of it is charged. */
  at: Date;
  keyId: string;
  /** The most tokens that the call can use, prompt and answer; a whole number ≥ 0. */
  tokens: number;
  limits: { requestsPerMinute?: number | undefined; tokensPerMinute?: number | undefined };
}

/** A limit and what is left of it in this minute. */
export interface Remaining {
  limit: number;
  /** ≥ 0. */
  remaining: number;
}

export interface AdmissionAnswer {
  admitted: boolean;
  /** Which limit has no room for it. */
  refusedBy?: 'requests' | 'tokens';
  requests?: Remaining;
  tokens?: Remaining;
  /** Until the next minute, when all of it is there again; milliseconds. */
  resetMs: number;
}

/** What a month has seen of one subject. Money in USD. */
export interface Spending {
  subject: BudgetSubject;
  /** The task's name or the key's id; null of the total, and of calls that belong to no task. */
  name: string | null;
  calls: number;
  spent: number;
  /** Set aside for calls under way. */
  reserved: number;
}

export interface Budgets {
  /**
   * Sets money aside, if every budget has room for it. Settled when the call is recorded; to be released where it
   * never will be.
   */
  reserve(reservation: NewReservation): Promise<ReservationAnswer>;
  /** Counts a call in its key's minute, if there is room. */
  admit(admission: NewAdmission): Promise<AdmissionAnswer>;
  /** Sets free what is set aside for a call that won't be recorded. */
  release(callId: string): Promise<void>;
  /** A month's spending, by subject and name. @param month `2026-11`; the current one (UTC) where left out */
  spending(month?: string): Promise<Spending[]>;
}
