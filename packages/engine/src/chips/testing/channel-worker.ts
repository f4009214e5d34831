/**
 * The other side of a channel, on a thread of its own.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads';
import { KolbenError } from '../../error.ts';
import { Channel } from '../channel.ts';

export interface ChannelOrder {
  readonly memory: SharedArrayBuffer;
  readonly stop: SharedArrayBuffer;
  /** Reads pieces of these sizes, or writes what is given in such pieces. */
  readonly sizes: readonly number[];
  readonly bytes?: Uint8Array;
  /** Only sets the stop flag, after so many milliseconds. */
  readonly stopAfter?: number;
}

/** What was read, or the code of the error. */
export type ChannelAnswer = { readonly bytes: Uint8Array } | { readonly code: string };

parentPort?.on('message', async ({ memory, stop, sizes, bytes, stopAfter }: ChannelOrder) => {
  if (stopAfter !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, stopAfter));
    Atomics.store(new Int32Array(stop), 0, 1);
    parentPort?.postMessage({ code: 'stopped' });
    return;
  }
  const channel = new Channel(memory, new Int32Array(stop));
  const done = bytes?.slice() ?? new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  try {
    let start = 0;
    for (const size of sizes) {
      const piece = done.subarray(start, start + size);
      if (bytes) channel.write(piece);
      else channel.read(piece);
      start += size;
    }
    parentPort?.postMessage({ bytes: done } satisfies ChannelAnswer);
  } catch (error) {
    parentPort?.postMessage({ code: KolbenError.isInstance(error) ? error.code : String(error) });
  }
});
parentPort?.postMessage({ code: 'ready' } satisfies ChannelAnswer);
