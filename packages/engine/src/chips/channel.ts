/**
 * A channel between two chips: bytes through shared memory, first in, first out, one writer and one reader.
 *
 * Writing waits only when the channel is full, reading only when it's empty; both give up when the run is
 * stopped, which is how a chip that waits for a dead one is woken.
 *
 * @module
 */
import { RunStopped } from './run-stopped.ts';

/** Positions count bytes since the beginning, modulo 2^32; each is written by one side alone. */
const written = 0;
const read = 1;
const headerBytes = 64;

export class Channel {
  readonly memory: SharedArrayBuffer;
  readonly #positions: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #stop: Int32Array;

  /** @param stop one shared flag of the run; anything but 0 stops it. */
  constructor(memory: SharedArrayBuffer, stop: Int32Array) {
    this.memory = memory;
    this.#positions = new Int32Array(memory, 0, headerBytes / 4);
    this.#bytes = new Uint8Array(memory, headerBytes);
    this.#stop = stop;
  }

  /** Memory for a channel that holds `capacity` bytes, rounded up to a power of two; at most 2^31. */
  static memory(capacity: number): SharedArrayBuffer {
    if (capacity > 2 ** 31) throw new RangeError(`A channel cannot hold ${capacity} bytes.`);
    return new SharedArrayBuffer(Channel.bytes(capacity));
  }

  /** How much memory that is. */
  static bytes(capacity: number): number {
    return headerBytes + 2 ** Math.ceil(Math.log2(Math.max(capacity, 64)));
  }

  /** Copies `bytes` in, waiting while the channel is full. Throws RunStopped. */
  write(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const end = Atomics.load(this.#positions, written);
      const used = (end - this.#await(read, (start) => (end - start) >>> 0 < this.#bytes.length)) >>> 0;
      const offset = (end >>> 0) % this.#bytes.length;
      const count = Math.min(bytes.length - done, this.#bytes.length - used, this.#bytes.length - offset);
      this.#bytes.set(bytes.subarray(done, done + count), offset);
      done += count;
      Atomics.store(this.#positions, written, (end + count) | 0);
      Atomics.notify(this.#positions, written);
    }
  }

  /** Fills `bytes`, waiting while the channel is empty. Throws RunStopped. */
  read(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const start = Atomics.load(this.#positions, read);
      const available = (this.#await(written, (end) => end !== start) - start) >>> 0;
      const offset = (start >>> 0) % this.#bytes.length;
      const count = Math.min(bytes.length - done, available, this.#bytes.length - offset);
      bytes.set(this.#bytes.subarray(offset, offset + count), done);
      done += count;
      Atomics.store(this.#positions, read, (start + count) | 0);
      Atomics.notify(this.#positions, read);
    }
  }

  /** Waits until `bytes` can be written without waiting, or the channel is empty. Throws RunStopped. */
  waitWritable(bytes: number): void {
    const end = Atomics.load(this.#positions, written);
    const room = Math.min(bytes, this.#bytes.length);
    this.#await(read, (start) => this.#bytes.length - ((end - start) >>> 0) >= room);
  }

  /** Waits until something can be read. Throws RunStopped. */
  waitReadable(): void {
    const start = Atomics.load(this.#positions, read);
    this.#await(written, (end) => end !== start);
  }

  /** Waits until the other side's position satisfies `ready`, and answers it. */
  #await(position: number, ready: (value: number) => boolean): number {
    for (;;) {
      const value = Atomics.load(this.#positions, position);
      if (ready(value)) return value;
      if (Atomics.load(this.#stop, 0) !== 0) throw new RunStopped();
      // The time limit is for the stop flag, which nobody notifies through this channel.
      Atomics.wait(this.#positions, position, value, 50);
    }
  }
}
