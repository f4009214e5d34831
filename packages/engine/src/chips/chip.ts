/**
 * A chip: anything that executes programs. This one is a CPU core: a worker thread with sessions of one thread.
 *
 * @module
 */
import type { Worker } from 'node:worker_threads';
import { KolbenError } from '../error.ts';
import type { TensorData } from '../graph/dtype.ts';
import type { AnswerMessage, RequestName, Requests } from './protocol.ts';
import { extensionOf, spawn } from './spawn.ts';

/** A program that a chip holds ready. */
export interface LoadedProgram {
  /** Runs it: tensors by input name → tensors by output name. Typed arrays tell the element types. */
  run(inputs: Record<string, TensorData>): Promise<Record<string, TensorData>>;
  release(): Promise<void>;
}

export interface Chip {
  readonly index: number;
  /** Makes an ONNX model ready to run on this chip. */
  load(onnx: Uint8Array): Promise<LoadedProgram>;
  /** Asks the chip's thread; requests are handled in order. */
  request<N extends RequestName>(name: N, body: Requests[N]['takes']): Promise<Requests[N]['answers']>;
  /** Ends the thread after the requests made so far. */
  close(): Promise<void>;
}

/** A chip that stopped working, or a program that failed on it. */
export class ChipError extends KolbenError {}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

// Native code of all threads reads the process's own environment, which a worker cannot set.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Starts a chip. `index` only names it in timelines and errors. */
export async function startChip(index = 0): Promise<Chip> {
  // The starting thread holds the native library for good: when threads alone hold it, one that ends unloads it
  // under the feet of one that is about to load it ("Module did not self-register").
  await import('./ort.ts');
  const worker: Worker = spawn(new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url), {
    name: `chip ${index}`,
  });
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let programs = 0;
  let ended: Error | undefined;

  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (message: AnswerMessage) => {
    const request = waiting.get(message.id);
    waiting.delete(message.id);
    if (waiting.size === 0) worker.unref();
    if ('answer' in message) request?.resolve(message.answer);
    else {
      const { code, message: text, stack } = message.failure;
      const error = new ChipError(code ?? 'chip_failed', code ? text : `Chip ${index} failed: ${text}`);
      if (stack) error.stack = stack;
      request?.reject(error);
    }
  });
  worker.on('error', (error) =>
    end(new ChipError('chip_died', `Chip ${index} died: ${error.message}`, { cause: error })),
  );
  worker.on('exit', (code) => end(new ChipError('chip_died', `Chip ${index} ended with code ${code}.`)));

  const request = <N extends RequestName>(
    name: N,
    body: Requests[N]['takes'],
  ): Promise<Requests[N]['answers']> =>
    new Promise((resolve, reject) => {
      if (ended) {
        reject(ended);
        return;
      }
      const id = requests++;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      // A chip at work keeps the process alive; one that waits doesn't.
      worker.ref();
      worker.postMessage({ id, name, body });
    });

  return {
    index,
    request,
    async load(onnx) {
      const program = programs++;
      await request('load', { program, onnx });
      return {
        run: (inputs) => request('run', { program, inputs }),
        release: () => request('release', { program }),
      };
    },
    async close() {
      if (ended) return;
      const exited = new Promise((resolve) => worker.once('exit', resolve));
      await request('close', undefined);
      worker.ref();
      await exited;
    },
  };
}
