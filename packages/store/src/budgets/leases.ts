/**
 * Tells which processes still live, so that what a killed one has set aside doesn't block the others for ever.
 *
 * A process that has something set aside changes its beat in the database every few seconds. Who finds no room
 * looks at the others' beats: one that hasn't changed for half a minute, by the looker's own clock, is dead, and what
 * it has set aside is set free. No two clocks are ever compared, so none can be wrong.
 *
 * A process that was only held up for that long has lost its reservations: its calls are charged when they are
 * recorded, once, and may then exceed the budget by what they cost.
 *
 * @module
 */
import type { Transaction } from 'kysely';
import { CounterChanges } from '../counters/counter.ts';
import type { Database } from '../dialect/database.ts';
import { toBigInt } from '../integers.ts';
import type { Schema } from '../schema.ts';
import { free } from './settle.ts';

export interface LeaseOptions {
  /** Between two beats, milliseconds. */
  beatMs?: number;
  /** A beat that hasn't changed for so long is a dead process's, milliseconds. */
  leaseMs?: number;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

interface Seen {
  beat: bigint;
  since: number;
}

/** Of a process that has reservations but no beat, which can only be one that was swept and came back. */
const noBeat = -1n;

export class Leases {
  readonly #database: Database;
  readonly #id: string;
  readonly #isHolding: () => boolean;
  readonly #options: Required<LeaseOptions>;
  readonly #seen = new Map<string, Seen>();
  #beat = 0;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #registered = false;

  constructor(database: Database, id: string, isHolding: () => boolean, options: LeaseOptions) {
    this.#database = database;
    this.#id = id;
    this.#isHolding = isHolding;
    this.#options = { beatMs: 5_000, leaseMs: 30_000, now: () => performance.now(), ...options };
  }

  /** Makes this process known, in the transaction of its first reservation. */
  async register(transaction: Transaction<Schema>): Promise<void> {
    if (this.#timer !== undefined) return;
    await this.#write(transaction);
  }

  /** Begins to beat, until nothing is held any more. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      if (!this.#isHolding()) return this.#stop();
      this.#beating ??= this.#database
        .exclusively((transaction) => this.#write(transaction))
        // The next one may come through.
        .catch(() => {})
        .finally(() => {
          this.#beating = undefined;
        });
    }, this.#options.beatMs);
    this.#timer.unref();
  }

  /** Sets free what the dead have set aside. */
  async sweep(): Promise<void> {
    const holders = await this.#database.read
      .selectFrom('reservations')
      .select('instance_id as id')
      .distinct()
      .execute();
    const beating = await this.#database.read.selectFrom('instances').selectAll().execute();
    const beats = new Map(holders.map(({ id }) => [id, noBeat]));
    for (const { id, beat } of beating) beats.set(id, toBigInt(beat));
    beats.delete(this.#id);
    const now = this.#options.now();
    for (const id of this.#seen.keys()) if (!beats.has(id)) this.#seen.delete(id);
    for (const [id, beat] of beats) {
      const seen = this.#seen.get(id);
      if (seen?.beat !== beat) this.#seen.set(id, { beat, since: now });
      else if (now - seen.since >= this.#options.leaseMs) await this.#bury(id, beat);
    }
  }

  /** Sets free what this process holds, and takes it off the list. */
  async close(): Promise<void> {
    this.#stop();
    await this.#beating;
    // A database that takes nothing any more is no reason not to close: the lease runs out by itself.
    if (this.#registered) await this.#bury(this.#id, undefined).catch(() => {});
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #write(transaction: Transaction<Schema>): Promise<void> {
    this.#registered = true;
    this.#beat += 1;
    const beat = this.#beat;
    await transaction
      .insertInto('instances')
      .values({ id: this.#id, beat })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ beat }))
      .execute();
  }

  /** @param beat the one it was seen with; where it has another by now, it lives */
  async #bury(id: string, beat: bigint | undefined): Promise<void> {
    await this.#database.exclusively(async (transaction) => {
      if (beat !== undefined) {
        const row = await transaction
          .selectFrom('instances')
          .select('beat')
          .where('id', '=', id)
          .executeTakeFirst();
        if ((row === undefined ? noBeat : toBigInt(row.beat)) !== beat) return;
      }
      const changes = new CounterChanges();
      const rows = await transaction
        .deleteFrom('reservations')
        .where('instance_id', '=', id)
        .returningAll()
        .execute();
      for (const row of rows) free(row, changes);
      await changes.apply(transaction);
      await transaction.deleteFrom('instances').where('id', '=', id).execute();
    });
    this.#seen.delete(id);
  }
}
