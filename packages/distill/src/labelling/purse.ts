/**
 * A price cap that is never exceeded, however many calls are under way: each reserves the most that it can cost before
 * it is asked, and gives back what it did not.
 *
 * Money is counted in whole nano-dollars, reservations rounded up, so that no sum of thousands of small prices drifts.
 *
 * @module
 */

const perDollar = 1e9;

export class Purse {
  readonly #cap: number;
  #spent = 0;
  #reserved = 0;
  /** How much more than was reserved a call has cost: a teacher that bills more than its price says. */
  #strain = 1;
  #waiting: (() => void)[] = [];

  /** @param cap in USD; undefined: there is no cap, and only the sum is kept */
  constructor(cap?: number) {
    this.#cap = cap === undefined ? Number.POSITIVE_INFINITY : Math.floor(cap * perDollar);
  }

  /** USD spent on calls that have ended. */
  get spent(): number {
    return this.#spent / perDollar;
  }

  get isCapped(): boolean {
    return this.#cap !== Number.POSITIVE_INFINITY;
  }

  /**
   * Sets the most that a call can cost aside, as soon as calls under way have given enough back.
   *
   * @param most USD
   * @returns what `settle` ends the reservation with; undefined where there will not be enough for this call
   * @throws the signal's reason
   */
  async reserve(most: number, signal?: AbortSignal): Promise<Reservation | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const amount = Math.ceil(Math.max(0, most) * perDollar * this.#strain);
      if (this.#spent + this.#reserved + amount <= this.#cap) {
        this.#reserved += amount;
        return { most: amount / perDollar, amount };
      }
      if (this.#spent + amount > this.#cap || this.#reserved === 0) return undefined;
      await this.#change(signal);
    }
  }

  /** Ends a reservation. @param cost USD; undefined: nobody knows, so all of it counts as spent */
  settle(reservation: Reservation, cost?: number): void {
    const { amount } = reservation;
    const spent = cost === undefined ? amount : Math.ceil(Math.max(0, cost) * perDollar);
    this.#reserved -= amount;
    this.#spent += spent;
    if (amount > 0 && spent > amount) this.#strain = Math.max(this.#strain, (this.#strain * spent) / amount);
    this.#wake();
  }

  /** Counts what was spent before, by another process. */
  spend(cost: number): void {
    this.#spent += Math.ceil(Math.max(0, cost) * perDollar);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        signal?.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.push(go);
      signal?.addEventListener('abort', go, { once: true });
    });
  }
}

export interface Reservation {
  /** USD. */
  readonly most: number;
  /** Nano-dollars. */
  readonly amount: number;
}
