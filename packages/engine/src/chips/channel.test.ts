import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Channel } from './channel.ts';
import { RunStopped } from './run-stopped.ts';
import { extensionOf, spawn } from './spawn.ts';
import type { ChannelAnswer, ChannelOrder } from './testing/channel-worker.ts';

let worker: Worker;
const answered = () => new Promise<ChannelAnswer>((resolve) => worker.once('message', resolve));
/** Has the other thread do something; this thread may wait in a channel meanwhile. */
const order = (what: ChannelOrder) => {
  const answer = answered();
  worker.postMessage(what);
  return answer;
};

beforeAll(async () => {
  worker = spawn(new URL(`./testing/channel-worker${extensionOf(import.meta.url)}`, import.meta.url));
  await answered();
});
afterAll(() => worker.terminate());

const stopFlag = () => new SharedArrayBuffer(4);
const channelOn = (memory: SharedArrayBuffer, stop: SharedArrayBuffer) =>
  new Channel(memory, new Int32Array(stop));

/** The bytes of `total`, cut into pieces of at most `most`. */
const pieces = (total: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(most), { minLength: 1, maxLength: 40 }).map((sizes) => {
    let left = total;
    const cut = sizes.map((size) => {
      const piece = Math.min(size, left);
      left -= piece;
      return piece;
    });
    return [...cut, left];
  });
const transfers = fc.integer({ min: 0, max: 2000 }).chain((total) =>
  fc.record({
    writes: pieces(total, 300),
    reads: pieces(total, 300),
    bytes: fc.uint8Array({ minLength: total, maxLength: total }),
    /** How far the positions have run when the transfer begins: they wrap at 2^32. */
    begun: fc.constantFrom(0, 17, -1, -50, 2 ** 31 - 20),
  }),
);

describe('a channel of 64 bytes between two threads', () => {
  test.each(['writes here, reads there', 'reads here, writes there'])(
    '%s: whatever the pieces, and however much larger than the channel, all bytes arrive in order',
    async (direction) => {
      await fc.assert(
        fc.asyncProperty(transfers, async ({ writes, reads, bytes, begun }) => {
          const memory = Channel.memory(64);
          new Int32Array(memory, 0, 2).fill(begun);
          const stop = stopFlag();
          const channel = channelOn(memory, stop);
          let start = 0;
          if (direction.startsWith('writes')) {
            const answer = order({ memory, stop, sizes: reads });
            for (const size of writes) {
              channel.write(bytes.subarray(start, start + size));
              start += size;
            }
            expect(await answer).toEqual({ bytes });
          } else {
            const answer = order({ memory, stop, sizes: writes, bytes });
            const arrived = new Uint8Array(bytes.length);
            for (const size of reads) {
              channel.read(arrived.subarray(start, start + size));
              start += size;
            }
            expect(arrived).toEqual(bytes);
            await answer;
          }
        }),
        { seed: 1, numRuns: 60 },
      );
    },
  );

  test('waiting for something to read takes nothing away; waiting for room writes nothing', async () => {
    const [memory, stop] = [Channel.memory(64), stopFlag()];
    const channel = channelOn(memory, stop);
    const answer = order({ memory, stop, sizes: [3, 64, 61], bytes: new Uint8Array(128).fill(7) });
    channel.waitReadable();
    const arrived = new Uint8Array(128);
    channel.read(arrived);
    expect(arrived.every((byte) => byte === 7)).toBe(true);
    await answer;

    const readIt = order({ memory, stop, sizes: [64, 10] });
    channel.write(new Uint8Array(60).fill(1));
    // There is room for 60 only once some has been read, and for more than the channel holds once all has.
    channel.waitWritable(60);
    channel.write(new Uint8Array(14).fill(2));
    expect(await readIt).toEqual({
      bytes: Uint8Array.from({ length: 74 }, (_, i) => (i < 60 ? 1 : 2)),
    });
    channel.waitWritable(1000);
  });
});

describe('the stop flag', () => {
  test('wakes a reader of an empty channel, here and there', async () => {
    const [memory, stop] = [Channel.memory(64), stopFlag()];
    const there = order({ memory, stop, sizes: [1] });
    setTimeout(() => Atomics.store(new Int32Array(stop), 0, 1), 5);
    expect(await there).toEqual({ code: 'run_stopped' });

    const again = stopFlag();
    const stopping = order({ memory, stop: again, sizes: [], stopAfter: 5 });
    expect(() => channelOn(memory, again).read(new Uint8Array(1))).toThrow(RunStopped);
    await stopping;
  });

  test('wakes a writer to a full channel, here and there', async () => {
    const [memory, stop] = [Channel.memory(64), stopFlag()];
    const there = order({ memory, stop, sizes: [65], bytes: new Uint8Array(65) });
    setTimeout(() => Atomics.store(new Int32Array(stop), 0, 1), 5);
    expect(await there).toEqual({ code: 'run_stopped' });

    const again = stopFlag();
    const stopping = order({ memory, stop: again, sizes: [], stopAfter: 5 });
    expect(() => channelOn(memory, again).write(new Uint8Array(1))).toThrow(RunStopped);
    await stopping;
    expect(() => channelOn(memory, again).waitWritable(1)).toThrow(RunStopped);
  });

  test('does not hold up what need not wait', () => {
    const stop = stopFlag();
    Atomics.store(new Int32Array(stop), 0, 1);
    const channel = channelOn(Channel.memory(64), stop);
    const bytes = Uint8Array.of(1, 2, 3);
    channel.write(bytes);
    const arrived = new Uint8Array(3);
    channel.read(arrived);
    expect(arrived).toEqual(bytes);
  });
});

describe('memory', () => {
  test('holds what it was asked to hold, up to 2 GiB', () => {
    for (const capacity of [0, 1, 64, 65, 1000, 4096])
      expect(Channel.memory(capacity).byteLength - 64).toBeGreaterThanOrEqual(capacity);
    expect(() => Channel.memory(2 ** 31 + 1)).toThrow(RangeError);
  });
});
