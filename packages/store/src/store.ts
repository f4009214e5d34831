/**
 * The store: everything Kolben remembers. The interface only; `open-store.ts` makes one.
 *
 * @module
 */
import type { AuditEvent, NewAuditEvent } from './audit/audit-event.ts';
import type { Budgets } from './budgets/budget.ts';
import type { Calls } from './calls/call.ts';
import type { DriftCounts } from './drift/drift-counts.ts';
import type { Events } from './events/event.ts';
import type { Keys } from './keys/key.ts';
import type { Ledger } from './ledger/ledger-row.ts';
import type { PostgresOptions } from './postgres-options.ts';
import type { Routes } from './routes/route-override.ts';
import type { Students } from './students/student.ts';
import type { RiskWatches } from './watch/risk-watch.ts';

export interface Store {
  /** The folder it lies in, or on a server: the folder of its key. An absolute path. */
  readonly directory: string;
  /** Where its database is, for people: the file's path, or `host:port/database`. */
  readonly location: string;
  readonly keys: Keys;
  readonly calls: Calls;
  readonly students: Students;
  readonly ledger: Ledger;
  readonly budgets: Budgets;
  readonly routes: Routes;
  readonly watches: RiskWatches;
  readonly events: Events;
  readonly drift: DriftCounts;
  /** Writes down an act of an administrator. There is no way to change or remove it. */
  audit(event: NewAuditEvent): Promise<void>;
  /** What was written down, newest first. */
  auditTrail(page?: { limit?: number; before?: Date }): Promise<AuditEvent[]>;
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
  /** 32 bytes. Where left out: `KOLBEN_ENCRYPTION_KEY` (base64), else `<directory>/kolben.key`, made if absent. */
  key?: Buffer;
}
