/**
 * A provider that was asked for a call and failed, after which another one was asked, or the same again.
 *
 * @module
 */
export interface FailedAttempt {
  provider: string;
  /** When it had failed. */
  at: Date;
  /** How, snake case, for programs: `provider_unreachable`. Never text of the call. */
  code: string;
  /** Milliseconds from the question to the failure, ≥ 0. */
  tookMs: number;
}
