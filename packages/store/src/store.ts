/**
 * The store: everything Kolben remembers. The interface only; `open-store.ts` makes one.
 *
 * @module
 */
import type { AuditEvent, AuditPage, NewAuditEvent } from './audit/audit-event.ts';
import type { Budgets } from './budgets/budget.ts';
import type { Calls } from './calls/call.ts';
import type { Decisions } from './decisions/decision.ts';
import type { DriftCounts } from './drift/drift-counts.ts';
import type { Events } from './events/event.ts';
import type { StoreFacts } from './inspect/store-facts.ts';
import type { CallJournal } from './journal/call-journal.ts';
import type { Keys } from './keys/key.ts';
import type { Ledger } from './ledger/ledger-row.ts';
import type { Performance } from './performance/performance.ts';
import type { PostgresOptions } from './postgres-options.ts';
import type { Routes } from './routes/route-override.ts';
import type { Runs } from './runs/run.ts';
import type { Rotation, RotationOptions } from './seal/rotate-key.ts';
import type { Sessions } from './sessions/session.ts';
import type { Students } from './students/student.ts';
import type { RiskWatches } from './watch/risk-watch.ts';

export interface Store {
  /** The folder it lies in, or on a server: the folder of its key. An absolute path. */
  readonly directory: string;
  /** Where its database is, for people: the file's path, or `host:port/database`. */
  readonly location: string;
  readonly keys: Keys;
  readonly calls: Calls;
  /** Who was right where student and teacher differ. */
  readonly decisions: Decisions;
  readonly students: Students;
  readonly ledger: Ledger;
  readonly budgets: Budgets;
  readonly routes: Routes;
  readonly watches: RiskWatches;
  readonly events: Events;
  readonly drift: DriftCounts;
  /** Who is signed in to the console. */
  readonly sessions: Sessions;
  readonly performance: Performance;
  /** The trainings of students, while they go on and afterwards. */
  readonly runs: Runs;
  /** Writes down an act of an administrator. There is no way to change or remove it. */
  audit(event: NewAuditEvent): Promise<void>;
  /** What was written down, newest first. */
  auditTrail(page?: AuditPage): Promise<AuditEvent[]>;
  /**
   * For a gateway: the journal that calls are safe in before they are in the database. What a killed gateway left in
   * it is put into the database first. Until it is closed, no other gateway may work in this folder.
   *
   * @throws StoreInUseError where another one does
   */
  openJournal(): Promise<CallJournal>;
  /**
   * Changes the encryption key and seals all texts anew; begins where an earlier attempt was killed. No gateway may be
   * at work; other processes that have the store open can't read texts any more, nor write, until they open it again.
   *
   * @throws StoreInUseError, StoreKeyError
   */
  rotateKey(options?: RotationOptions): Promise<Rotation>;
  /** What is true of it, for who looks after it. */
  inspect(): Promise<StoreFacts>;
  /**
   * Does a job that only one at a time should do, of all processes that share the store: `undefined` where another one is
   * at a job of this name. A process that dies leaves the name free.
   *
   * @param name letters, digits and hyphens
   */
  alone<T>(name: string, work: () => Promise<T>): Promise<{ result: T } | undefined>;
  /** Waits for what is being recorded, then lets the file go. Closing twice is no error. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Made, with mode 0700, where it doesn't exist. */
  directory: string;
  /** A database on a Postgres server, instead of the file in `directory`. */
  postgres?: PostgresOptions;
  /**
   * 32 bytes; several where a change of keys is under way. Where left out: `KOLBEN_ENCRYPTION_KEY` (base64), else
   * `<directory>/kolben.key`, made if absent.
   */
  key?: Buffer | readonly Buffer[];
}
