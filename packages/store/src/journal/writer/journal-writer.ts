/**
 * Seals calls and writes them to the journal on a thread of its own: a sixth of a call's time would else be the
 * gateway's, whose own thread is what bounds its throughput.
 *
 * @module
 */
import { type PackedCall, packedAt } from '../../calls/packed-call.ts';
import { AskedThread } from '../../threads/asked-thread.ts';
import { headLength } from '../entries.ts';
import type { JournalAnswer, JournalBatch } from './protocol.ts';

export class JournalWriter {
  readonly #thread = new AskedThread<JournalBatch, JournalAnswer>({
    file: './worker',
    beside: import.meta.url,
    name: 'kolben-journal',
    data: undefined,
    toError: ({ code, message }) => Object.assign(new Error(message), { code }),
  });

  /** Appends calls; they are on the disk when it resolves. What failed leaves nothing behind. */
  async write(batch: JournalBatch): Promise<{ calls: PackedCall[]; size: number }> {
    const { entries, lengths } = await this.#thread.ask(batch);
    let at = entries.byteOffset;
    const calls = batch.calls.map(({ id }, place) => {
      const length = lengths[place]!;
      at += length;
      return packedAt(id, Buffer.from(entries.buffer, at - length + headLength, length - headLength));
    });
    return { calls, size: entries.byteLength };
  }

  /** To be called when nothing is being written. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}
