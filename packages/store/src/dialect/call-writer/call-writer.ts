/**
 * Writes calls on a thread of its own, so that the calls to come never wait for those that are written down.
 *
 * @module
 */
import type { CallBatch } from '../../calls/insert-calls.ts';
import { StoreKeyError, StoreValueError } from '../../errors.ts';
import { AskedThread, type Failure } from '../../threads/asked-thread.ts';
import { toStoreError } from '../to-store-error.ts';
import type { WriterAnswer, WriterBatch, WriterData } from './protocol.ts';

export class CallWriter {
  readonly #thread: AskedThread<WriterBatch, WriterAnswer>;

  constructor(data: WriterData) {
    this.#thread = new AskedThread({
      file: './worker',
      beside: import.meta.url,
      name: 'kolben-calls',
      data,
      toError: (failure) => toError(failure, data),
    });
  }

  /** Records calls in one transaction; the ids that were new. The thread starts with the first of them. */
  async record({ calls, held, keyId }: CallBatch): Promise<string[]> {
    const lengths = calls.map(({ body }) => body.length);
    const bodies = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    for (const { body } of calls) {
      bodies.set(body, at);
      at += body.length;
    }
    const fresh = await this.#thread.ask({ bodies, lengths, held, keyId }, [bodies.buffer]);
    return fresh === 'all' ? calls.map(({ id }) => id) : [...fresh];
  }

  /** Ends the thread; to be called when nothing is being written. */
  close(): Promise<void> {
    return this.#thread.close();
  }
}

function toError({ code, message }: Failure, { location, patienceMs }: WriterData): unknown {
  if (code === StoreValueError.code) return new StoreValueError(message);
  if (code === StoreKeyError.code) return new StoreKeyError(message);
  return toStoreError(Object.assign(new Error(message), { code }), location, patienceMs);
}
