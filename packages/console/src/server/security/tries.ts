/**
 * How often a wrong key may be tried from one address.
 *
 * Keys are 256 random bits, which nobody guesses; this keeps the log readable and the machine idle.
 *
 * @module
 */

/** Addresses remembered at once. */
const mostKept = 10_000;

export class Tries {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #byAddress = new Map<string, { since: number; n: number }>();

  constructor(most = 10, windowMs = 60_000) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Milliseconds until this address may try again; 0 where it may now. @param now milliseconds since 1970 */
  leftMs(address: string, now: number): number {
    const tried = this.#byAddress.get(address);
    if (tried === undefined || tried.n < this.#most) return 0;
    return Math.max(0, tried.since + this.#windowMs - now);
  }

  failed(address: string, now: number): void {
    const tried = this.#byAddress.get(address);
    if (tried !== undefined && now - tried.since < this.#windowMs) {
      tried.n += 1;
      return;
    }
    if (this.#byAddress.size >= mostKept) this.#byAddress.clear();
    this.#byAddress.set(address, { since: now, n: 1 });
  }
}
