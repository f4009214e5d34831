/**
 * Answers that arrive while the model is trained, and which examples a step draws from those that are there.
 *
 * @module
 */
import { randomStream, shuffle, uniform } from '@kolben/engine';

/** Training examples whose answers come one by one. */
export interface Arrivals {
  /** Indices of training examples in the order in which their answers came. It grows. */
  readonly arrived: readonly number[];
  /** Whether no more will come. */
  readonly closed: boolean;
  /** Resolves when something has changed since it was called; rejects as `throwIfFailed` throws. */
  changed(): Promise<void>;
  /** Throws why training cannot go on with them, if it can't. */
  throwIfFailed(): void;
}

/** An `Arrivals` that is filled by whoever has the answers. */
export class ArrivalDesk implements Arrivals {
  readonly arrived: number[] = [];
  #closed = false;
  #fault: unknown;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  get closed(): boolean {
    return this.#closed;
  }

  add(index: number): void {
    this.arrived.push(index);
    this.#tell();
  }

  close(): void {
    this.#closed = true;
    this.#tell();
  }

  /** Whoever waits, now or later, is told of this fault. */
  fail(error: unknown): void {
    this.#fault = error;
    this.#tell();
  }

  throwIfFailed(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  async changed(): Promise<void> {
    this.throwIfFailed();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) this.#fault === undefined ? resolve() : reject(this.#fault);
  }
}

/**
 * Of the views that an example gets in all, the share that may be spent before the last answer has come. The rest is for
 * the end, when all examples are there and the learning rate is low.
 */
export const shareWhileArriving = 0.8;

/** Batches that are drawn together and sorted by length. */
const window = 16;

export interface ArrivalDrawsOptions {
  readonly arrivals: Arrivals;
  /** Of all training examples, those that may never come included. */
  readonly lengths: readonly number[];
  readonly batch: number;
  /** Steps that the training will have. It may shrink. */
  readonly steps: () => number;
  readonly seed: number;
}

/**
 * Draws the examples of each step so that in the end examples have been seen about equally often, whenever their answers
 * came: from its coming to the end each has a steady pace of its own, those that come late a faster one, and drawn are
 * those that are furthest behind theirs. Where all are there from the start, these are ordinary epochs.
 *
 * While answers arrive, those that are there get at most `shareWhileArriving` of their views, and training waits.
 */
export class ArrivalDraws {
  readonly #options: ArrivalDrawsOptions;
  readonly #drawn: number[][] = [];
  readonly #views: Uint16Array;
  /** How much had been drawn when each was first there; -1 before. */
  readonly #since: Float64Array;
  #windows = 0;
  /** The first step that was drawn when all answers were there. */
  closedAt: number | undefined;
  /** Milliseconds in which there was nothing to draw. */
  waited = 0;

  constructor(options: ArrivalDrawsOptions) {
    this.#options = options;
    this.#views = new Uint16Array(options.lengths.length);
    this.#since = new Float64Array(options.lengths.length).fill(-1);
  }

  /** The examples of a step that is ready. */
  at(step: number): readonly number[] {
    return this.#drawn[step]!;
  }

  /** Resolves when the examples of all steps before `step` can be told. */
  async ready(step: number, signal?: AbortSignal): Promise<void> {
    const { arrivals, steps } = this.#options;
    arrivals.throwIfFailed();
    while (this.#drawn.length < Math.min(step, steps())) {
      signal?.throwIfAborted();
      if (this.#draw()) continue;
      const begun = performance.now();
      await untilAborted(arrivals.changed(), signal);
      this.waited += performance.now() - begun;
    }
  }

  /** Draws the next window, as far as there is enough to draw from; whether there was. */
  #draw(): boolean {
    const { arrivals, lengths, batch, steps, seed } = this.#options;
    const { arrived, closed } = arrivals;
    const inAll = steps() * batch;
    const expected = closed ? arrived.length : lengths.length;
    const viewsEach = inAll / expected;
    const done = this.#drawn.length * batch;
    const allowed = closed ? inAll : Math.min(inAll, shareWhileArriving * viewsEach * arrived.length);
    // Each is drawn at most once in a window, so windows must be small for those that come late to catch up.
    const most = Math.max(1, Math.floor(arrived.length / 8 / batch));
    const batches = Math.min(window, most, Math.floor((allowed - done) / batch));
    if (batches < 1 || arrived.length < batch) return false;
    if (closed) this.closedAt ??= this.#drawn.length;
    const stream = randomStream(seed, 'arrivals', this.#windows++);
    const lots = arrived.map((index) => {
      if (this.#since[index]! < 0) this.#since[index] = done;
      const since = this.#since[index]!;
      // Where it should be after this window; chance decides among those that are less than a view apart.
      const due = (viewsEach * (done + batches * batch - since)) / Math.max(1, inAll - since);
      const views = this.#views[index]!;
      // Who has had all its views comes after everybody who hasn't.
      return { index, lot: due - views + uniform(stream) - (views >= viewsEach ? inAll : 0) };
    });
    lots.sort((a, b) => b.lot - a.lot || a.index - b.index);
    const chosen = lots.slice(0, batches * batch).map(({ index }) => index);
    for (const index of chosen) this.#views[index]!++;
    chosen.sort((a, b) => lengths[a]! - lengths[b]!);
    const whole = Array.from({ length: batches }, (_, i) => chosen.slice(i * batch, (i + 1) * batch));
    this.#drawn.push(...shuffle(whole, stream));
    return true;
  }

  /** How often each example is drawn in the steps so far. */
  get views(): Readonly<Uint16Array> {
    return this.#views;
  }
}

async function untilAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return wait;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([wait, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
