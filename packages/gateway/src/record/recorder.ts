/**
 * Records calls behind their answers: nobody waits for the disk, and nothing is forgotten when the gateway stops.
 *
 * A disk that is slower than the calls must not fill the memory with what is still to be written, and no call may
 * go unrecorded because it was answered quickly. So there is a limit to what may wait, and beyond it no new call is
 * begun.
 *
 * @module
 */
import type { NewCall, Store } from '@kolben/store';
import { type Log, reasonOf } from '../log/log.ts';

export interface Backlog {
  calls: number;
  bytes: number;
}

export class Recorder {
  readonly #limit: Backlog;
  readonly #waiting: Backlog = { calls: 0, bytes: 0 };
  readonly #store: Pick<Store, 'calls'>;
  readonly #log: Log;
  readonly #pending = new Set<Promise<void>>();

  constructor(store: Pick<Store, 'calls'>, log: Log, limit: Backlog) {
    this.#limit = limit;
    this.#store = store;
    this.#log = log;
  }

  /** What is still to be recorded, calls under way included. */
  get backlog(): Readonly<Backlog> {
    return this.#waiting;
  }

  /** So much waits to be written down that no further call should be begun. Calls under way count as waiting. */
  get isBehind(): boolean {
    return this.#waiting.calls >= this.#limit.calls || this.#waiting.bytes >= this.#limit.bytes;
  }

  /**
   * Takes on a call that will be complete in a moment. A call that can't be written down is told to the operator:
   * its answer is out and can't be taken back.
   *
   * @param bytes how large its request is
   * @returns resolves when it's on the disk, or known not to get there; never rejects
   */
  take(call: Promise<NewCall>, bytes: number): Promise<void> {
    this.#waiting.calls += 1;
    this.#waiting.bytes += bytes;
    const recorded = call
      .then(async (complete) => {
        await this.#store.calls.record(complete);
      })
      .catch((error: unknown) => this.#log.error('call_not_recorded', { reason: reasonOf(error) }))
      .finally(() => {
        this.#waiting.calls -= 1;
        this.#waiting.bytes -= bytes;
        this.#pending.delete(recorded);
      });
    this.#pending.add(recorded);
    return recorded;
  }

  /** Waits until every call taken on so far is recorded. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}
