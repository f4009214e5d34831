/**
 * Audits of a student's answers, and the test whether its certified risk is kept. The shapes only; the work is in
 * `risk-watches.ts`.
 *
 * What the test is, the store doesn't know: it keeps its state, and has it advanced, audit by audit, in the transaction
 * that records the audit. So its course is the order of the audits recorded, however many gateways share the store.
 *
 * @module
 */
import type { FailedAttempt } from '../performance/failed-attempt.ts';

/** What the teacher said in the background to a call that the student answered under its certificate. */
export interface NewAudit {
  /** The call, recorded already. */
  callId: string;
  task: string;
  student: { id: string; digest: string };
  /** Whether both gave the same answer; null where the teacher gave none to compare with. */
  agreed: boolean | null;
  provider: string;
  model: string;
  /** The chat completion; null where there is none. */
  response: object | null;
  /** Why there is none, snake case. */
  errorCode?: string | null;
  /** Whole numbers ≥ 0. */
  promptTokens: number;
  completionTokens: number;
  /** USD, ≥ 0; added to the call's cost. */
  cost: number;
  /** Times that its provider failed before it was asked once more; left out: none. */
  failedBefore?: readonly FailedAttempt[];
}

/** One step of the test. */
export interface Advanced {
  /** JSON. */
  state: unknown;
  /** The student must be withdrawn. */
  rung: boolean;
  /** For the event that tells of it: figures, no texts. */
  figures: Record<string, unknown>;
}

export interface KeptWatch {
  task: string;
  student: { id: string; digest: string };
  state: unknown;
  changedAt: Date;
  withdrawnAt: Date | null;
}

/** An audit as it is read back. */
export interface Audit {
  callId: string;
  at: Date;
  agreed: boolean | null;
  errorCode: string | null;
  /** USD. */
  cost: number;
}

export interface RiskWatches {
  /**
   * Records an audit: the call's cost and agreement, the teacher's answer (sealed), and, where answers were compared, the
   * test's next step. All of it or nothing; the same call counts once.
   *
   * @param advance gives the test's next state from the last (null: it begins) and whether both agreed
   * @returns whether this audit withdrew the student; false too where the call is unknown or audited already
   */
  record(audit: NewAudit, advance: (state: unknown, agreed: boolean) => Advanced): Promise<boolean>;
  get(task: string, digest: string): Promise<KeptWatch | undefined>;
  /** Digests of the task's students that are withdrawn. */
  withdrawn(task: string): Promise<Set<string>>;
  /** Ends the test and a withdrawal by it: the next audit begins a new one. False where there was none. */
  reset(task: string, digest: string): Promise<boolean>;
  /** The student's audits, newest first. */
  list(task: string, digest: string, page?: { limit?: number; disagreed?: boolean }): Promise<Audit[]>;
}
