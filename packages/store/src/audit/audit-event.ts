/**
 * An act of an administrator, written down for good. The work is in `audit.ts`.
 *
 * @module
 */

export interface NewAuditEvent {
  /** Now, where left out. */
  at?: Date;
  /** Who: a key's id, or `cli`. */
  actor: string;
  /** What: `key.create`, `key.revoke`, `route.set`, … */
  act: string;
  /** To what: a key's id, a task, a student's id. */
  subject?: string | null;
  /** Anything else, JSON. Stored in the open: no secrets and no text of calls. */
  detail?: Record<string, unknown>;
}

export interface AuditPage {
  /** 1 … 1,000; 100 where left out. */
  limit?: number;
  /** Only this act. */
  act?: string;
  /** Only what was done by this key or other actor, or to what has this name. */
  of?: string;
  /** Only events before this moment, or, to go on where a page ended, before this event. */
  before?: Date | Pick<AuditEvent, 'at' | 'id'>;
}

export interface AuditEvent {
  id: string;
  at: Date;
  actor: string;
  act: string;
  subject: string | null;
  detail: Record<string, unknown>;
}
