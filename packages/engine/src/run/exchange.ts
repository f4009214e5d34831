/**
 * How the copies of a stage exchange gradients and weights: through shared memory, each its share.
 *
 * Nothing is overwritten that somebody has yet to read, without any further lock. A copy's gradients of step n + 1
 * come after its gather of step n, which waited for the updates of all others, which had read its gradients of
 * step n. A copy's weights of step n + 1 come after it has seen the others' gradients of step n + 1, which come after
 * their gathers of step n.
 *
 * @module
 */
import { RunStopped } from '../chips/run-stopped.ts';
import type { Share } from './shares.ts';

/** What the copies of one stage share. Plain data. */
export interface ExchangeMemory {
  /** For each copy, the gradients that it hands out: all elements of the stage, parameter after parameter. */
  readonly gradients: readonly SharedArrayBuffer[];
  /** The weights that are handed out, of all copies. */
  readonly values: SharedArrayBuffer;
  /** Two counters for each copy: steps scattered, steps updated. */
  readonly counters: SharedArrayBuffer;
}

export function exchangeMemory(elements: number, copies: number): ExchangeMemory {
  return {
    gradients: Array.from({ length: copies }, () => new SharedArrayBuffer(4 * elements)),
    values: new SharedArrayBuffer(4 * elements),
    counters: new SharedArrayBuffer(8 * copies),
  };
}

/** A parameter as the exchange sees it. */
interface Exchanged {
  readonly value: Float32Array;
  readonly gradient: Float32Array;
}

export class Exchange {
  readonly copy: number;
  readonly #gradients: readonly Float32Array[];
  readonly #values: Float32Array;
  readonly #counters: Int32Array;
  readonly #shares: readonly (readonly Share[])[];
  readonly #parameters: readonly Exchanged[];
  /** Where each parameter begins in shared memory. */
  readonly #offsets: readonly number[];
  readonly #stop: Int32Array;

  /** @param shares of all copies. `copy` is the own one. */
  constructor(
    memory: ExchangeMemory,
    copy: number,
    shares: readonly (readonly Share[])[],
    parameters: readonly Exchanged[],
    stop: Int32Array,
  ) {
    this.copy = copy;
    this.#gradients = memory.gradients.map((buffer) => new Float32Array(buffer));
    this.#values = new Float32Array(memory.values);
    this.#counters = new Int32Array(memory.counters);
    this.#shares = shares;
    this.#parameters = parameters;
    let offset = 0;
    this.#offsets = parameters.map(({ value }) => {
      offset += value.length;
      return offset - value.length;
    });
    this.#stop = stop;
  }

  get copies(): number {
    return this.#gradients.length;
  }

  /** Hands out the gradients of the shares that others move, and sets the own ones of them to zero. */
  scatter(): void {
    for (const [copy, shares] of this.#shares.entries()) {
      if (copy === this.copy) continue;
      for (const { parameter, start, end } of shares) {
        const gradient = this.#parameters[parameter].gradient.subarray(start, end);
        this.#gradients[this.copy].set(gradient, this.#offsets[parameter] + start);
        gradient.fill(0);
      }
    }
    this.#count(0);
  }

  /** Answers when the last of the other copies has scattered in this step. Throws RunStopped. */
  awaitGradients(): number {
    return this.#await(0);
  }

  /** What another copy has handed out for a stretch of a parameter. */
  gradientOf(copy: number, parameter: number, start: number, end: number): Float32Array {
    const offset = this.#offsets[parameter];
    return this.#gradients[copy].subarray(offset + start, offset + end);
  }

  /** Hands out the own share of the weights. */
  publish(): void {
    for (const { parameter, start, end } of this.#shares[this.copy])
      this.#values.set(
        this.#parameters[parameter].value.subarray(start, end),
        this.#offsets[parameter] + start,
      );
    this.#count(1);
  }

  /** Takes in the others' shares. Answers when it could begin. Throws RunStopped. */
  gather(): number {
    const begun = this.#await(1);
    for (const [copy, shares] of this.#shares.entries()) {
      if (copy === this.copy) continue;
      for (const { parameter, start, end } of shares) {
        const offset = this.#offsets[parameter];
        this.#parameters[parameter].value.set(this.#values.subarray(offset + start, offset + end), start);
      }
    }
    return begun;
  }

  #count(which: 0 | 1): void {
    const at = 2 * this.copy + which;
    Atomics.add(this.#counters, at, 1);
    Atomics.notify(this.#counters, at);
  }

  /** Waits until all others have counted as often as this copy has scattered, or is about to have updated. */
  #await(which: 0 | 1): number {
    const step = Atomics.load(this.#counters, 2 * this.copy + which);
    for (let copy = 0; copy < this.copies; copy++) {
      if (copy === this.copy) continue;
      const at = 2 * copy + which;
      for (;;) {
        const counted = Atomics.load(this.#counters, at);
        // The counters wrap; no copy is ever more than a step ahead.
        if (((counted - step) | 0) >= 0) break;
        if (Atomics.load(this.#stop, 0) !== 0) throw new RunStopped();
        // The time limit is for the stop flag, which nobody notifies through this counter.
        Atomics.wait(this.#counters, at, counted, 50);
      }
    }
    return Number(process.hrtime.bigint()) / 1e6;
  }
}
