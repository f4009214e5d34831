/**
 * Who was right where student and teacher gave different answers, as a person decided. The shapes only; the work is in
 * `stored-decisions.ts`.
 *
 * @module
 */
import type { Call, CallCursor } from '../calls/call.ts';

export const verdicts = ['student', 'teacher', 'neither', 'undecidable'] as const;
/**
 * `student`, `teacher`: its answer is the right one; `neither`: a third one is; `undecidable`: nobody can tell, so nothing
 * is to be learnt from the call.
 */
export type Verdict = (typeof verdicts)[number];

export interface NewDecision {
  /** A call in which student and teacher differ. */
  callId: string;
  verdict: Verdict;
  /** The right answer, where neither gave it; else left out. */
  answer?: string;
  /** Who decided: a key's id, or `cli`. */
  by: string;
}

export interface Decision {
  callId: string;
  at: Date;
  verdict: Verdict;
  /** The typed answer; null where there was none to type, and once the call's words are deleted. */
  answer: string | null;
  by: string;
}

export const disagreementOrders = ['newest', 'surest'] as const;
/** `surest`: those first in which the student was most confident. */
export type DisagreementOrder = (typeof disagreementOrders)[number];

export interface DisagreementPage {
  task: string;
  /** `newest` where left out. */
  order?: DisagreementOrder;
  /** Only decided ones, or only those that are still to be decided. */
  decided?: boolean;
  /** At most so many; 1 … 1,000, 50 where left out. */
  limit?: number;
  /** Only those that come after this one in the order: the last of the page before. */
  after?: DisagreementCursor;
}

/** Any call of a page is one. */
export interface DisagreementCursor extends CallCursor {
  student: { confidence: number } | null;
}

export interface Disagreement {
  call: Call;
  decision: Decision | null;
}

export interface DisagreementCounts {
  /** Calls in which both spoke and differ. */
  disagreements: number;
  /** Of these, by what was decided. */
  decided: Record<Verdict, number>;
}

export interface Decisions {
  /**
   * Decides, or decides anew; with it goes an entry in the audit log.
   *
   * @throws StoreValueError where the call is unknown, the two don't differ there, or the answer is missing or too much
   */
  set(decision: NewDecision): Promise<Decision>;
  get(callId: string): Promise<Decision | undefined>;
  /** Takes a decision back; false where there was none. An entry in the audit log tells of it. */
  remove(callId: string, by: string): Promise<boolean>;
  /** Calls in which student and teacher both spoke and gave different answers, to the client or in the background. */
  disagreements(page: DisagreementPage): Promise<Disagreement[]>;
  counts(task: string): Promise<DisagreementCounts>;
}
