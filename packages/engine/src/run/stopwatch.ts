/** Counts seconds of wall time while it runs. It may be started and stopped again and again. */
export class Stopwatch {
  #counted: number;
  #started: number | undefined;

  /** @param seconds that were counted before, by an earlier process say */
  constructor(seconds = 0) {
    this.#counted = seconds;
  }

  get seconds(): number {
    const running = this.#started === undefined ? 0 : performance.now() - this.#started;
    return this.#counted + running / 1000;
  }

  start(): void {
    this.#started ??= performance.now();
  }

  stop(): void {
    this.#counted = this.seconds;
    this.#started = undefined;
  }
}
