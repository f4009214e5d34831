/**
 * A chip: anything that executes programs. This one is a CPU core: a worker thread with sessions of one thread.
 *
 * @module
 */
import type { Worker } from 'node:worker_threads';
import type { TensorData } from '../graph/dtype.ts';
import { formatShape } from '../graph/shape.ts';
import { ChipError } from './chip-error.ts';
import { copyTensors } from './copy-tensors.ts';
import { Gate } from './gate.ts';
import type { AnswerMessage, RequestName, Requests } from './protocol.ts';
import { extensionOf, spawn } from './spawn.ts';

/** A program that a chip holds ready. */
export interface LoadedProgram {
  /**
   * Runs it: tensors by input name, which are copied → tensors by output name. Typed arrays tell the element types.
   */
  run(inputs: Record<string, TensorData>): Promise<Record<string, TensorData>>;
  release(): Promise<void>;
}

export interface Chip {
  readonly index: number;
  /** Makes an ONNX model ready to run on this chip. */
  load(onnx: Uint8Array): Promise<LoadedProgram>;
  /** Asks the chip's thread; requests are handled in order. `memory` moves there and is lost here. */
  request<N extends RequestName>(
    name: N,
    body: Requests[N]['takes'],
    memory?: ArrayBuffer[],
  ): Promise<Requests[N]['answers']>;
  /** Ends the thread after the requests made so far. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

// Native code of all threads reads the process's own environment, which a worker cannot set.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** Starts a chip. `index` only names it in timelines and errors. An idle chip doesn't keep the process alive. */
export async function startChip(index = 0): Promise<Chip> {
  // The starting thread holds the native library for good: when threads alone hold it, one that ends unloads it
  // under the feet of one that is about to load it ("Module did not self-register").
  await import('./ort.ts');
  return chipOn(new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url), index);
}

/** A chip whose thread is the worker in `file`, which answers the requests of the protocol. */
export function chipOn(file: URL, index: number): Chip {
  const gate = new Gate();
  const worker: Worker = spawn(file, { name: `chip ${index}`, workerData: { gate: gate.memory } });
  closeAtExit(worker, gate);
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  let programs = 0;
  let ended: Error | undefined;
  let closing: Promise<void> | undefined;

  const done = (id: number): Waiting | undefined => {
    const request = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return request;
  };
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (message: AnswerMessage) => {
    const request = done(message.id);
    if ('answer' in message) request?.resolve(message.answer);
    else {
      const { code, message: text, stack } = message.failure;
      const error = new ChipError(code, code === 'run_stopped' ? text : `Chip ${index}: ${text}`);
      if (stack) error.stack = stack;
      request?.reject(error);
    }
  });
  worker.on('error', (error) =>
    end(new ChipError('chip_died', `Chip ${index} died: ${error.message}`, { cause: error })),
  );
  worker.on('exit', (code) =>
    end(
      closing
        ? new ChipError('chip_closed', `Chip ${index} is closed; start another.`)
        : new ChipError('chip_died', `Chip ${index} died: its thread ended with code ${code}.`),
    ),
  );

  // A chip at work keeps the process alive; one that waits doesn't. (A listener for messages counts as work.)
  worker.unref();

  const request = <N extends RequestName>(
    name: N,
    body: Requests[N]['takes'],
    memory: ArrayBuffer[] = [],
  ): Promise<Requests[N]['answers']> =>
    new Promise((resolve, reject) => {
      if (ended) {
        reject(ended);
        return;
      }
      const id = requests++;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      worker.ref();
      try {
        worker.postMessage({ id, name, body }, memory);
      } catch (error) {
        done(id);
        reject(new ChipError('chip_request', `Chip ${index} cannot be sent this: ${String(error)}`));
      }
    });

  const close = async (): Promise<void> => {
    if (ended) return;
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    await request('close', undefined);
    worker.ref();
    await exited;
  };

  return {
    index,
    request,
    async load(onnx) {
      const program = programs++;
      await request('load', { program, onnx });
      return {
        async run(inputs) {
          checkTensors(inputs, index);
          const memory: ArrayBuffer[] = [];
          return request(
            'run',
            { program, inputs: copyTensors(inputs, Object.keys(inputs), memory) },
            memory,
          );
        },
        release: () => request('release', { program }),
      };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function checkTensors(inputs: Readonly<Record<string, TensorData>>, index: number): void {
  for (const [name, { data, dims }] of Object.entries(inputs)) {
    const length = dims.reduce((product, dim) => product * dim, 1);
    if (data.length !== length)
      throw new ChipError(
        'chip_input',
        `Chip ${index}: input "${name}" has ${data.length} elements; ${formatShape(dims)} has ${length}.`,
      );
  }
}

/** Gates of the chips that live. */
const gates = new Set<Gate>();

/** A program that runs so long, in milliseconds, is not waited for when the process ends. */
const patience = 10_000;

/** Lets no chip be inside native code when the process ends and takes their threads down. */
function closeAtExit(worker: Worker, gate: Gate): void {
  if (gates.size === 0) process.on('exit', closeGates);
  gates.add(gate);
  worker.once('exit', () => {
    gates.delete(gate);
    if (gates.size === 0) process.off('exit', closeGates);
  });
}

function closeGates(): void {
  for (const gate of gates) gate.close(patience);
}
