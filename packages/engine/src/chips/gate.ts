/**
 * Knows whether a chip's thread is inside native code, and keeps it out when the process is about to end: a thread
 * that is torn down while a program runs takes the whole process with it, exit code and all.
 *
 * @module
 */
import { RunStopped } from './run-stopped.ts';

const inside = 0;
const closed = 1;

export class Gate {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** On the chip's thread: does native work. Throws RunStopped once the gate is closed. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    Atomics.store(this.#words, inside, 1);
    try {
      if (Atomics.load(this.#words, closed) !== 0) throw new RunStopped();
      return await work();
    } finally {
      Atomics.store(this.#words, inside, 0);
      Atomics.notify(this.#words, inside);
    }
  }

  /** On another thread: lets nobody in any more, and waits, at most so many milliseconds, until nobody is inside. */
  close(milliseconds: number): void {
    Atomics.store(this.#words, closed, 1);
    Atomics.wait(this.#words, inside, 1, milliseconds);
  }
}
