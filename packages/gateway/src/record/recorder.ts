/**
 * Records calls behind their answers: nobody waits for the disk, and nothing is forgotten when the gateway stops.
 *
 * @module
 */
import type { NewCall, Store } from '@kolben/store';
import { type Log, reasonOf } from '../log/log.ts';

export class Recorder {
  readonly #store: Pick<Store, 'calls'>;
  readonly #log: Log;
  readonly #pending = new Set<Promise<void>>();

  constructor(store: Pick<Store, 'calls'>, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  /**
   * Takes on a call that will be complete in a moment. A call that can't be written down is told to the operator:
   * its answer is out and can't be taken back.
   *
   * @returns resolves when it's on the disk, or known not to get there; never rejects
   */
  take(call: Promise<NewCall>): Promise<void> {
    const recorded = call
      .then(async (complete) => {
        await this.#store.calls.record(complete);
      })
      .catch((error: unknown) => this.#log.error('call_not_recorded', { reason: reasonOf(error) }))
      .finally(() => this.#pending.delete(recorded));
    this.#pending.add(recorded);
    return recorded;
  }

  /** Waits until every call taken on so far is recorded. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}
