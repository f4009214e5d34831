/**
 * How far everybody is with the exchanges of a step: who waits for another waits here.
 *
 * @module
 */
import { RunStopped } from '../chips/run-stopped.ts';
import type { Schedule, StageInstruction } from '../schedule/instruction.ts';
import { awaitedOf } from '../schedule/walk.ts';

type Homes = Pick<Schedule, 'placement' | 'shared'>;

export class ExchangeCounters {
  /** For each copy of each stage: steps scattered, steps updated. */
  readonly #counters: Int32Array;
  readonly #schedule: Homes;
  readonly #stop: Int32Array;

  constructor(memory: SharedArrayBuffer, schedule: Homes, stop: Int32Array) {
    this.#counters = new Int32Array(memory);
    this.#schedule = schedule;
    this.#stop = stop;
  }

  static memory({ placement }: Homes): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * placement.flat().length);
  }

  /** Tells that a scatter or an update is done. */
  count(done: StageInstruction): void {
    const at = this.#at(done);
    Atomics.add(this.#counters, at, 1);
    Atomics.notify(this.#counters, at);
  }

  /**
   * Waits for all that must be done before `instruction`. Answers when the last of it was, in milliseconds;
   * undefined where there is nothing to wait for. Throws RunStopped.
   */
  await(instruction: StageInstruction): number | undefined {
    const awaited = awaitedOf(this.#schedule, instruction);
    if (awaited.length === 0) return undefined;
    // In each step, this one's own part of the same kind comes before it waits for the others'.
    const step = Atomics.load(this.#counters, this.#at({ ...instruction, kind: awaited[0].kind }));
    for (const one of awaited) this.#reach(this.#at(one), step);
    return Number(process.hrtime.bigint()) / 1e6;
  }

  #reach(at: number, step: number): void {
    for (;;) {
      const counted = Atomics.load(this.#counters, at);
      // The counters wrap; nobody is ever more than a step ahead.
      if (((counted - step) | 0) >= 0) return;
      if (Atomics.load(this.#stop, 0) !== 0) throw new RunStopped();
      // The time limit is for the stop flag, which nobody notifies through this counter.
      Atomics.wait(this.#counters, at, counted, 50);
    }
  }

  #at({ kind, stage, copy }: StageInstruction): number {
    return 2 * (copy * this.#schedule.placement[copy].length + stage) + (kind === 'scatter' ? 0 : 1);
  }
}
