/**
 * Sets money and tokens aside, many calls to a transaction: while one transaction is on its way the next calls
 * gather, as they do for the recorder.
 *
 * All of it lies in the database, so that several processes share every budget to the nano-dollar. Within a
 * transaction the counters are read and locked first, then each call is judged, in the order of coming, then what
 * was granted is written.
 *
 * @module
 */

import type { Transaction } from 'kysely';
import { type Counter, CounterChanges, nameOf } from '../counters/counter.ts';
import { checkMonth, minuteOf, monthOf } from '../counters/period.ts';
import type { Database } from '../dialect/database.ts';
import { StoreClosedError } from '../errors.ts';
import { toBigInt, toNumber, toUsd } from '../integers.ts';
import type { Schema } from '../schema.ts';
import { uuid7 } from '../uuid7.ts';
import {
  type AdmissionAnswer,
  type BudgetSubject,
  type Budgets,
  budgetSubjects,
  type NewAdmission,
  type NewReservation,
  type ReservationAnswer,
  type Spending,
} from './budget.ts';
import { type Claim, minuteClaim, moneyClaim } from './claim.ts';
import { type LeaseOptions, Leases } from './leases.ts';
import { settle } from './settle.ts';

/** Calls in one transaction. */
const claimsAtOnce = 200;
/** Counters whose state is remembered; a month has as many as there are tasks and keys. */
const rememberedCounters = 10_000;
/** Minutes that are over are kept so long, for calls of theirs that are still under way. */
const minutesKeptMs = 3_600_000;

interface Waiting {
  claim: Claim<unknown>;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

export class StoredBudgets implements Budgets {
  readonly #database: Database;
  readonly #id = `instance_${uuid7()}`;
  readonly #leases: Leases;
  /** Calls that have something set aside by this process. */
  readonly #held = new Set<string>();
  /** The last known state of counters. What has been spent of a month never grows less. */
  readonly #known = new Map<string, Counter>();
  #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;
  #tidiedMinute = '';
  #closed = false;

  constructor(database: Database, options: LeaseOptions = {}) {
    this.#database = database;
    this.#leases = new Leases(database, this.#id, () => this.#held.size > 0, options);
  }

  reserve(reservation: NewReservation): Promise<ReservationAnswer> {
    return this.#ask(() => moneyClaim(reservation));
  }

  admit(admission: NewAdmission): Promise<AdmissionAnswer> {
    return this.#ask(() => minuteClaim(admission));
  }

  async release(callId: string): Promise<void> {
    if (!this.#held.has(callId)) return;
    const changes = new CounterChanges();
    await this.#database.exclusively(async (transaction) => {
      await settle(transaction, [callId], new Map(), changes);
      await changes.apply(transaction);
    });
    this.#held.delete(callId);
  }

  async spending(month = monthOf(Date.now())): Promise<Spending[]> {
    const rows = await this.#database.read
      .selectFrom('counters')
      .select(['grain', 'task', 'key_id', 'calls', 'cost_nano_usd', 'reserved_nano_usd'])
      .where('period', '=', checkMonth(month))
      .where('grain', 'in', [...budgetSubjects])
      .execute();
    return rows
      .map((row): Spending => {
        const subject = row.grain as BudgetSubject;
        const name = subject === 'task' ? row.task : row.key_id;
        return {
          subject,
          name: name === '' ? null : name,
          calls: toNumber(row.calls),
          spent: toUsd(toBigInt(row.cost_nano_usd)),
          reserved: toUsd(toBigInt(row.reserved_nano_usd)),
        };
      })
      .sort(bySubject);
  }

  /** Of these calls, those that have something set aside here: for the recorder, which settles them. */
  heldOf(callIds: Iterable<string>): string[] {
    if (this.#held.size === 0) return [];
    return [...callIds].filter((id) => this.#held.has(id));
  }

  /** What a killed process set aside for this call is settled here, for here it is recorded. */
  adopt(callId: string): void {
    this.#held.add(callId);
  }

  /** These have been settled. */
  settled(callIds: Iterable<string>): void {
    for (const id of callIds) this.#held.delete(id);
  }

  /** Sets free what is still set aside by this process. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#working;
    await this.#leases.close();
    this.#held.clear();
  }

  async #ask<Answer>(make: () => Claim<Answer>): Promise<Answer> {
    if (this.#closed) {
      throw new StoreClosedError(`The store ${this.#database.location} is closed; open it again to use it.`);
    }
    const claim = make();
    // What was spent stays spent: where that alone is too much, nobody need ask the database.
    const known = claim.judge(this.#knownSpending(claim));
    if (!known.granted) return known.answer;
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ claim, resolve: resolve as Waiting['resolve'], reject });
      this.#working ??= this.#work();
    });
  }

  /** As far as it can only grow. */
  #knownSpending(claim: Claim<unknown>): Map<string, Counter> {
    const known = new Map<string, Counter>();
    for (const key of claim.keys) {
      const counter = this.#known.get(nameOf(key));
      if (counter === undefined) continue;
      known.set(nameOf(key), { ...counter, reserved_nano_usd: 0n, reserved_tokens: 0n });
    }
    return known;
  }

  async #work(): Promise<void> {
    // One turn of the event loop for calls that arrive together to meet in the first transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, claimsAtOnce);
      try {
        const unsure = await this.#decide(batch, true);
        // They lack only what others have set aside: perhaps one of those lives no more.
        if (unsure.length > 0) {
          await this.#leases.sweep();
          await this.#decide(unsure, false);
        }
      } catch (error) {
        // Those that have had their answer don't hear it.
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same turn in which the queue was seen empty: a call that comes later starts a new one.
    this.#working = undefined;
  }

  /** Answers all, but for those that may fare better when the dead are swept; only where `maySweep`. */
  async #decide(batch: readonly Waiting[], maySweep: boolean): Promise<Waiting[]> {
    const { counters, unsure, answers, granted } = await this.#database.exclusively(async (transaction) => {
      // In here, for a transaction whose connection is lost is done again.
      const unsure: Waiting[] = [];
      const answers: [Waiting, unknown][] = [];
      const granted: string[] = [];
      const looks = new CounterChanges();
      for (const { claim } of batch) for (const key of claim.keys) looks.add(key, {});
      const counters = await looks.apply(transaction);
      const changes = new CounterChanges();
      const reservations: Claim<unknown>['reservation'][] = [];
      for (const waiting of batch) {
        const { claim } = waiting;
        const verdict = claim.judge(counters);
        if (!verdict.granted && verdict.mayChange && maySweep) {
          unsure.push(waiting);
          continue;
        }
        answers.push([waiting, verdict.answer]);
        if (!verdict.granted) continue;
        for (const key of claim.keys) {
          changes.add(key, claim.by);
          addTo(counters.get(nameOf(key))!, claim.by);
        }
        if (claim.reservation !== undefined) {
          reservations.push(claim.reservation);
          granted.push(claim.callId);
        }
      }
      await changes.apply(transaction);
      if (reservations.length > 0) {
        await this.#leases.register(transaction);
        await transaction
          .insertInto('reservations')
          .values(reservations.map((row) => ({ ...row!, instance_id: this.#id })))
          .execute();
      }
      await this.#tidyMinutes(transaction, batch);
      return { counters, unsure, answers, granted };
    });
    this.#remember(counters);
    for (const id of granted) this.#held.add(id);
    if (granted.length > 0) this.#leases.begin();
    for (const [{ resolve }, answer] of answers) resolve(answer);
    return unsure;
  }

  #remember(counters: ReadonlyMap<string, Counter>): void {
    if (this.#known.size + counters.size > rememberedCounters) this.#known.clear();
    for (const [name, counter] of counters) this.#known.set(name, counter);
  }

  /** Once a minute, where minutes are counted at all; by the calls' own time. */
  async #tidyMinutes(transaction: Transaction<Schema>, batch: readonly Waiting[]): Promise<void> {
    const minutes = batch
      .flatMap(({ claim }) => claim.keys)
      .filter(({ grain }) => grain === 'minute')
      .map(({ period }) => period);
    const minute = minutes.sort().at(-1);
    if (minute === undefined || minute <= this.#tidiedMinute) return;
    this.#tidiedMinute = minute;
    await transaction
      .deleteFrom('counters')
      .where('grain', '=', 'minute')
      .where('period', '<', minuteOf(Date.parse(`${minute}Z`) - minutesKeptMs))
      .execute();
  }
}

function addTo(counter: Counter, by: Partial<Counter>): void {
  for (const [sum, value] of Object.entries(by)) counter[sum as keyof Counter] += value;
}

/** Widest first, then by name; calls without a task last. */
function bySubject(a: Spending, b: Spending): number {
  const order = budgetSubjects.indexOf(a.subject) - budgetSubjects.indexOf(b.subject);
  if (order !== 0 || a.name === b.name) return order;
  if (a.name === null) return 1;
  if (b.name === null) return -1;
  return a.name < b.name ? -1 : 1;
}
