/**
 * The events of tasks. They are added and read, never changed.
 *
 * @module
 */
import type { Kysely } from 'kysely';
import type { Database } from '../dialect/database.ts';
import { StoreValueError } from '../errors.ts';
import { fromDate, toDate } from '../integers.ts';
import type { Schema } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import type { Event, EventPage, Events, NewEvent } from './event.ts';

const usualPage = 100;
const largestPage = 1_000;

export class StoredEvents implements Events {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(event: NewEvent): Promise<Event> {
    return this.#database.exclusively((transaction) => insertEvent(transaction, event));
  }

  async list({ task, what, limit = usualPage, before }: EventPage = {}): Promise<Event[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
      throw new StoreValueError(`A page of ${limit} events was asked for; ask for 1 to ${largestPage}.`);
    let query = this.#database.read
      .selectFrom('events')
      .selectAll()
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    if (task !== undefined) query = query.where('task', '=', task);
    if (what !== undefined) query = query.where('what', 'in', [...what]);
    if (before !== undefined) query = query.where('at', '<', fromDate(before, 'before'));
    return (await query.execute()).map((row) => ({
      id: row.id,
      at: toDate(row.at),
      task: row.task,
      what: row.what,
      student: row.student_id,
      detail: JSON.parse(row.detail),
    }));
  }
}

/** For a transaction of which the event is a part. */
export async function insertEvent(db: Kysely<Schema>, event: NewEvent): Promise<Event> {
  const { task, what, student = null, detail = {} } = event;
  const at = event.at ?? new Date();
  const id = `event_${uuid7()}`;
  await db
    .insertInto('events')
    .values({
      ...{ id, at: fromDate(at, 'The time of an event'), task, what },
      ...{ student_id: student, detail: JSON.stringify(detail) },
    })
    .execute();
  return { id, at, task, what, student, detail };
}
