/**
 * Work that takes a student and a while: one at a time, so that the calls in service keep their chips.
 *
 * @module
 */
import { ApiError } from '@kolben/gateway';

/** Who waits longer than for these has asked by mistake, or too often. */
const mostWaiting = 8;

export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /**
   * Does the work when all that was asked before is done.
   *
   * @param signal aborted when nobody waits for it any more: then it isn't begun
   * @throws ApiError 429 where too many wait; the signal's reason
   */
  async do<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#waiting >= mostWaiting)
      throw new ApiError(
        429,
        'students_busy',
        'The console is at work on students already, and others wait; try again in a moment.',
        { type: 'rate_limit_error' },
      );
    this.#waiting += 1;
    const mine = this.#last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }
}
