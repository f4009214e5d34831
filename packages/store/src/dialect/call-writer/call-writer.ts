/**
 * Writes calls on a thread of its own, so that the calls to come never wait for those that are written down.
 *
 * @module
 */
import type { Worker } from 'node:worker_threads';
import { extensionOf, spawn } from '@kolben/engine/spawn';
import type { CallBatch } from '../../calls/insert-calls.ts';
import { StoreKeyError, StoreValueError } from '../../errors.ts';
import { toStoreError } from '../to-store-error.ts';
import type { Answer, Failure, Request, WriterData } from './protocol.ts';

interface Waiting {
  resolve: (recorded: string[]) => void;
  reject: (error: unknown) => void;
}

export class CallWriter {
  readonly #data: WriterData;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;

  constructor(data: WriterData) {
    this.#data = data;
  }

  /** Records calls in one transaction; the ids that were new. The thread starts with the first of them. */
  record(batch: CallBatch): Promise<string[]> {
    const worker = this.#worker ?? this.#start();
    return new Promise((resolve, reject) => {
      this.#last += 1;
      this.#waiting.set(this.#last, { resolve, reject });
      worker.ref();
      worker.postMessage({ id: this.#last, batch } satisfies Request);
    });
  }

  /** Ends the thread; to be called when nothing is being written. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    worker.ref();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ id: 0, close: true } satisfies Request);
    await ended;
  }

  #start(): Worker {
    const file = new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url);
    const worker = spawn(file, { workerData: this.#data, name: 'kolben-calls' });
    this.#worker = worker;
    let fault: unknown;
    worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) worker.unref();
      if ('recorded' in answer) waiting?.resolve(answer.recorded);
      else waiting?.reject(this.#toError(answer.failure));
    });
    worker.on('error', (error) => {
      fault = error;
    });
    worker.on('exit', () => {
      // What it was at has been rolled back, or was committed without a word; the next batch starts another thread.
      if (this.#worker === worker) this.#worker = undefined;
      const error = fault ?? new Error('The thread that writes calls has ended.');
      for (const { reject } of this.#waiting.values()) {
        reject(toStoreError(error, this.#data.location, this.#data.patienceMs));
      }
      this.#waiting.clear();
    });
    worker.unref();
    return worker;
  }

  #toError({ code, message }: Failure): unknown {
    if (code === StoreValueError.code) return new StoreValueError(message);
    if (code === StoreKeyError.code) return new StoreKeyError(message);
    const { location, patienceMs } = this.#data;
    return toStoreError(Object.assign(new Error(message), { code }), location, patienceMs);
  }
}
