/**
 * How the chips that hold the same parameters exchange gradients and weights: through shared memory, each its share.
 *
 * Nothing is overwritten that somebody has yet to read, without any further lock. A holder's gradients of step n + 1
 * come after its gathers of step n, which waited for the updates of all others, which had read its gradients of
 * step n. A holder's weights of step n + 1 come after it has seen the others' gradients of step n + 1, which come
 * after their gathers of step n.
 *
 * @module
 */
import { groupElements, type ParameterGroup } from './parameter-groups.ts';

/** What the holders of a group of parameters share. Plain data. */
export interface ExchangeMemory {
  /** For each holder, the gradients that it hands out: all elements of the group, parameter after parameter. */
  readonly gradients: readonly SharedArrayBuffer[];
  /** The weights that are handed out, of all holders. */
  readonly values: SharedArrayBuffer;
}

export function exchangeMemory(group: ParameterGroup): ExchangeMemory {
  const bytes = 4 * groupElements(group);
  return {
    gradients: group.holders.map(() => new SharedArrayBuffer(bytes)),
    values: new SharedArrayBuffer(bytes),
  };
}

/** A parameter as the exchange sees it. */
interface Exchanged {
  readonly value: Float32Array;
  readonly gradient: Float32Array;
}

/** One holder's part. When each of these may be called is for the schedule to say. */
export class Exchange {
  /** The own place among the holders. */
  readonly holder: number;
  readonly #gradients: readonly Float32Array[];
  readonly #values: Float32Array;
  readonly #shares: ParameterGroup['shares'];
  readonly #parameters: readonly Exchanged[];
  /** Where each parameter begins in shared memory. */
  readonly #offsets: readonly number[];

  constructor(
    memory: ExchangeMemory,
    holder: number,
    shares: ParameterGroup['shares'],
    parameters: readonly Exchanged[],
  ) {
    this.holder = holder;
    this.#gradients = memory.gradients.map((buffer) => new Float32Array(buffer));
    this.#values = new Float32Array(memory.values);
    this.#shares = shares;
    this.#parameters = parameters;
    let offset = 0;
    this.#offsets = parameters.map(({ value }) => {
      offset += value.length;
      return offset - value.length;
    });
  }

  get holders(): number {
    return this.#gradients.length;
  }

  /** Hands out the gradients of the shares that others move, and sets the own ones of them to zero. */
  scatter(): void {
    for (const [holder, shares] of this.#shares.entries()) {
      if (holder === this.holder) continue;
      for (const { parameter, start, end } of shares) {
        const gradient = this.#parameters[parameter].gradient.subarray(start, end);
        this.#gradients[this.holder].set(gradient, this.#offsets[parameter] + start);
        gradient.fill(0);
      }
    }
  }

  /** What another holder has handed out for a stretch of a parameter. */
  gradientOf(holder: number, parameter: number, start: number, end: number): Float32Array {
    const offset = this.#offsets[parameter];
    return this.#gradients[holder].subarray(offset + start, offset + end);
  }

  /** Hands out the own share of the weights. */
  publish(): void {
    for (const { parameter, start, end } of this.#shares[this.holder])
      this.#values.set(
        this.#parameters[parameter].value.subarray(start, end),
        this.#offsets[parameter] + start,
      );
  }

  /** Takes in the others' shares. */
  gather(): void {
    for (const [holder, shares] of this.#shares.entries()) {
      if (holder === this.holder) continue;
      for (const { parameter, start, end } of shares) {
        const offset = this.#offsets[parameter];
        this.#parameters[parameter].value.set(this.#values.subarray(offset + start, offset + end), start);
      }
    }
  }
}
