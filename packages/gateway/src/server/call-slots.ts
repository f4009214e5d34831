/**
 * How many calls may be under way at once.
 *
 * @module
 */
import { ApiError } from './api-error.ts';

export class CallSlots {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes a place; the function gives it back.
   *
   * @throws ApiError 429 with `retry-after` where all are taken
   */
  enter(): () => void {
    if (this.#taken >= this.#most) {
      const message = `This gateway is at work on ${this.#most} calls already; try again in a moment.`;
      const headers = { 'retry-after': '1' };
      throw new ApiError(429, 'too_many_calls', message, { type: 'rate_limit_error', headers });
    }
    this.#taken += 1;
    let inside = true;
    return () => {
      if (inside) this.#taken -= 1;
      inside = false;
    };
  }
}
