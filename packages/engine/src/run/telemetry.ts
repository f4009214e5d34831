/**
 * What a chip has just done, for whoever looks: a ring in shared memory that the chip writes and anybody reads at any
 * time, without asking the chip or making it wait.
 *
 * @module
 */
import type { Schedule } from '../schedule/instruction.ts';
import { type Span, spanOf, type Timeline } from '../simulate/timeline.ts';

/** One instruction that was executed. */
export interface TelemetryEntry {
  readonly step: number;
  /** Its place in the chip's list. */
  readonly position: number;
  /** Milliseconds on a clock that all chips share. */
  readonly start: number;
  readonly end: number;
}

const headerBytes = 64;
const fields = 4;

export class TelemetryRing {
  readonly #count: Int32Array;
  readonly #numbers: Float64Array;
  readonly #capacity: number;

  constructor(memory: SharedArrayBuffer) {
    this.#count = new Int32Array(memory, 0, 1);
    this.#numbers = new Float64Array(memory, headerBytes);
    this.#capacity = this.#numbers.length / fields;
  }

  /** Memory for the latest `capacity` entries, a power of two or more of that. */
  static memory(capacity: number): SharedArrayBuffer {
    // A power of two divides the 2^32 at which the counter wraps.
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 2)));
    return new SharedArrayBuffer(headerBytes + 8 * fields * slots);
  }

  /** By the chip alone. */
  write(step: number, position: number, start: number, end: number): void {
    const count = Atomics.load(this.#count, 0);
    const at = ((count >>> 0) % this.#capacity) * fields;
    this.#numbers[at] = step;
    this.#numbers[at + 1] = position;
    this.#numbers[at + 2] = start;
    this.#numbers[at + 3] = end;
    Atomics.store(this.#count, 0, (count + 1) | 0);
  }

  /** The latest entries, oldest first; those that were overwritten while they were read are left out. */
  read(): TelemetryEntry[] {
    const before = Atomics.load(this.#count, 0);
    const numbers = this.#numbers.slice();
    const written = (Atomics.load(this.#count, 0) - before) >>> 0;
    // The oldest slot may be half written at any moment.
    const readable = Math.max(0, this.#capacity - written - 1);
    const entries: TelemetryEntry[] = [];
    for (let back = readable; back >= 1; back--) {
      const at = (((before - back) >>> 0) % this.#capacity) * fields;
      const [step, position, start, end] = numbers.subarray(at, at + fields);
      // A slot that was never written has no end.
      if (end > 0) entries.push({ step, position, start, end });
    }
    return entries;
  }
}

/** What is in the rings of all chips, in milliseconds from the earliest. */
export function liveTimeline({ chips }: Schedule, rings: readonly TelemetryRing[]): Timeline {
  const entries = rings.map((ring) => ring.read());
  const zero = entries.flat().reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const spans = entries.flatMap((own, chip) =>
    own.map(({ step, position, start, end }): Span => {
      return { chip, ...spanOf(chips[chip][position]), step, start: start - zero, end: end - zero };
    }),
  );
  return { chips: chips.length, spans };
}
