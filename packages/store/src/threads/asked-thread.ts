/**
 * A thread that is asked and answers, one question after the other.
 *
 * @module
 */
import type { Transferable, Worker } from 'node:worker_threads';
import { extensionOf, spawn } from '@kolben/engine/spawn';

export type Asked<Question> = { id: number; question: Question } | { id: number; close: true };

export type Answered<Answer> = { id: number; answer: Answer } | { id: number; failure: Failure };

export interface Failure {
  /** Of SQLite, of the file system, or of a `KolbenError`. */
  code: string;
  message: string;
}

export interface ThreadOptions {
  /** The thread's file without its extension, and the module that it is beside. */
  file: string;
  beside: string;
  name: string;
  data: unknown;
  /** The error of a question that failed, or of a thread that has ended (without a code then). */
  toError(failure: Failure): unknown;
}

interface Waiting<Answer> {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export class AskedThread<Question, Answer> {
  readonly #options: ThreadOptions;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #worker: Worker | undefined;
  #last = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** The thread starts with the first question. @param transfer what goes over to it instead of being copied */
  ask(question: Question, transfer: readonly Transferable[] = []): Promise<Answer> {
    const worker = this.#worker ?? this.#start();
    return new Promise((resolve, reject) => {
      this.#last += 1;
      this.#waiting.set(this.#last, { resolve, reject });
      worker.ref();
      worker.postMessage({ id: this.#last, question } satisfies Asked<Question>, transfer);
    });
  }

  /** Ends the thread; to be called when nothing is being asked. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = undefined;
    worker.ref();
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ id: 0, close: true } satisfies Asked<Question>);
    await ended;
  }

  #start(): Worker {
    const { file, beside, name, data, toError } = this.#options;
    const worker = spawn(new URL(`${file}${extensionOf(beside)}`, beside), { workerData: data, name });
    this.#worker = worker;
    let fault: unknown;
    worker.on('message', (answered: Answered<Answer>) => {
      const waiting = this.#waiting.get(answered.id);
      this.#waiting.delete(answered.id);
      if (this.#waiting.size === 0) worker.unref();
      if ('answer' in answered) waiting?.resolve(answered.answer);
      else waiting?.reject(toError(answered.failure));
    });
    worker.on('error', (error) => {
      fault = error;
    });
    worker.on('exit', () => {
      // What it was at may have been done or not; the next question starts another thread.
      if (this.#worker === worker) this.#worker = undefined;
      const failure = failureOf(fault ?? new Error(`The thread ${name} has ended.`));
      for (const { reject } of this.#waiting.values()) reject(toError(failure));
      this.#waiting.clear();
    });
    worker.unref();
    return worker;
  }
}

/** What went wrong, for the other end. What SQLite said, where an error of the store stands before it: it is made again there. */
export function failureOf(error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { message } = cause instanceof Error ? cause : new Error(String(cause));
  return { message, code: cause instanceof Error && 'code' in cause ? String(cause.code) : '' };
}
