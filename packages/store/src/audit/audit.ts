/**
 * The audit log. Events are added and read; nothing here, or anywhere in the store, changes or removes one.
 *
 * @module
 */

import type { Kysely } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toDate } from '../integers.ts';
import type { Schema } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import type { AuditEvent, AuditPage, NewAuditEvent } from './audit-event.ts';

const usualPage = 100;
const largestPage = 1_000;

export class StoredAudit {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(event: NewAuditEvent): Promise<void> {
    await this.#database.exclusively((transaction) => insertAuditEvent(transaction, event));
  }

  async list(page: AuditPage = {}): Promise<AuditEvent[]> {
    const limit = page.limit ?? usualPage;
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
      throw new StoreValueError(`A page of ${limit} events was asked for; ask for 1 to ${largestPage}.`);
    }
    let query = this.#database.read
      .selectFrom('audit_events')
      .selectAll()
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    const { act, of } = page;
    if (act !== undefined) query = query.where('act', '=', act);
    if (of !== undefined) query = query.where((e) => e.or([e('actor', '=', of), e('subject', '=', of)]));
    if (page.before instanceof Date) {
      query = query.where('at', '<', fromDate(page.before, 'before'));
    } else if (page.before !== undefined) {
      const at = fromDate(page.before.at, 'before.at');
      const { id } = page.before;
      query = query.where('at', '<=', at).where((e) => e.or([e('at', '<', at), e('id', '<', id)]));
    }
    return (await query.execute()).map((row) => ({
      id: row.id,
      at: toDate(row.at),
      actor: row.actor,
      act: row.act,
      subject: row.subject,
      detail: JSON.parse(row.detail),
    }));
  }
}

/** For a transaction of which the act is a part. */
export async function insertAuditEvent(db: Kysely<Schema>, event: NewAuditEvent): Promise<void> {
  await db
    .insertInto('audit_events')
    .values({
      id: `audit_${uuid7()}`,
      at: fromDate(event.at ?? new Date(), 'The time of an event'),
      actor: event.actor,
      act: event.act,
      subject: event.subject ?? null,
      detail: JSON.stringify(event.detail ?? {}),
    })
    .execute();
}
