/**
 * What a gateway sees of the journal: the shapes only; the work is in `journal.ts`.
 *
 * @module
 */
import type { LaterFacts, NewCall } from '../calls/call.ts';

/** A call that no killed process can lose any more. */
export interface AcceptedCall {
  readonly id: string;
  /**
   * Puts the call into the database, with what has become known of it since. Resolves when it is there; may be called
   * again where it failed. Without it, the call goes to the database as it was accepted, at the next start.
   */
  settle(later?: LaterFacts): Promise<void>;
}

export interface CallJournal {
  /** Calls that an earlier process had accepted and not put into the database; they are there now. */
  readonly recovered: number;
  /**
   * Takes a call; resolves when it is on the disk. Calls that come together share a sync.
   *
   * @throws StoreUnwritableError where the disk is full
   */
  accept(call: NewCall): Promise<AcceptedCall>;
  /** Lets the folder go to another gateway. What isn't settled is kept, for the next start. */
  close(): Promise<void>;
}
