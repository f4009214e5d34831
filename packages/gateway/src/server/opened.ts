/**
 * What a gateway has opened, to be closed again when it stops or can't start.
 *
 * @module
 */
export class Opened {
  readonly #closers: (() => unknown)[] = [];

  /** @param close what closes it; it may be called although its opening never came to its end */
  add(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Closes everything, the last first. */
  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) await close();
  }
}
