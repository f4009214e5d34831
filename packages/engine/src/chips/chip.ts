/**
 * A chip: anything that executes programs. This one is a CPU core: a worker thread with sessions of one thread.
 *
 * @module
 */
import { stat } from 'node:fs/promises';
import type { Worker } from 'node:worker_threads';
import { isTensorData, type TensorData } from '../graph/dtype.ts';
import { formatShape } from '../graph/shape.ts';
import { ChipError } from './chip-error.ts';
import { copyTensors } from './copy-tensors.ts';
import { Gate } from './gate.ts';
import type { AnswerMessage, RequestName, Requests, WorkerData } from './protocol.ts';
import { extensionOf, spawn } from './spawn.ts';

/** A program that a chip holds ready. */
export interface LoadedProgram {
  /**
   * Runs it: tensors by input name, which are copied → tensors by output name. Typed arrays tell the element types.
   */
  run(inputs: Record<string, TensorData>): Promise<Record<string, TensorData>>;
  /**
   * Begins runs of it that keep tensors on the chip from one to the next. The program must have been emitted with
   * `intoGivenMemory`. It may have any number of states, which know nothing of each other.
   *
   * @param replaced names of outputs by the names of the inputs whose place they take: `Program.replaced`
   */
  openState(replaced: Readonly<Record<string, string>>): Promise<ProgramState>;
  /** Lets go of the program and of all its states. */
  release(): Promise<void>;
}

/**
 * Runs of a program with tensors that stay on its chip: nothing of them is copied, however large they are.
 *
 * An input that outputs replace begins as zeros, and is what that output was in the run before. When another input
 * binds one of its dimensions to a larger extent, it grows, with zeros at the end. Every other input is what it was
 * last given.
 */
export interface ProgramState {
  /**
   * Runs: tensors by input name, which are copied → the outputs that replace nothing. After a run that failed, what
   * is kept is undefined: close the state and open another.
   */
  run(inputs: Record<string, TensorData>): Promise<Record<string, TensorData>>;
  /** Frees what is kept. */
  close(): Promise<void>;
}

/** A chip that `startChip` started. Whoever started it closes it. */
export interface Chip {
  readonly index: number;
  /** Cores that it computes with. */
  readonly threads: number;
  /** Makes an ONNX model ready to run on this chip. */
  load(onnx: Uint8Array): Promise<LoadedProgram>;
  /**
   * Asks the chip's thread; requests are handled in order. `memory` moves there and is lost here.
   *
   * @internal
   */
  request<N extends RequestName>(
    name: N,
    body: Requests[N]['takes'],
    memory?: ArrayBuffer[],
  ): Promise<Requests[N]['answers']>;
  /** Whether the thread has died; it was not closed then. */
  readonly isDead: boolean;
  /** Starts another thread in the place of a dead one. Programs that it held have to be loaded again. */
  restart(): void;
  /** Ends the thread after the requests made so far. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

// Native code of all threads reads the process's own environment, which a worker cannot set.
process.env.ORT_DISABLE_TELEMETRY = '1';

/** How a chip computes. */
export interface ChipOptions {
  /** Cores that the chip computes with, 1 or more. Default 1: then another chip is what a second core is best for. */
  readonly threads?: number;
  /**
   * An existing folder: for each program that the chip runs, its release leaves a file of the times of all kernels
   * there, in Chrome's trace format. It takes some time itself. Default: none.
   */
  readonly profileFolder?: string;
}

/**
 * Holds the native library in this thread for good. Whoever starts chips does: when threads alone hold it, one that ends
 * unloads it under the feet of one that is about to load it ("Module did not self-register"). A process that starts chips
 * in threads which end before it has to do so beforehand.
 */
export async function holdKernels(): Promise<void> {
  await import('./ort.ts');
}

/** Starts a chip. `index` only names it in timelines and errors. An idle chip doesn't keep the process alive. */
export async function startChip(index = 0, options: ChipOptions = {}): Promise<Chip> {
  const { threads = 1, profileFolder } = options;
  if (!(Number.isInteger(index) && index >= 0))
    throw new ChipError('chip_index', `A chip cannot be number ${index}; give a whole number of 0 or more.`);
  if (!(Number.isInteger(threads) && threads >= 1))
    throw new ChipError(
      'chip_threads',
      `Chip ${index} cannot compute with ${threads} threads; give a whole number of 1 or more.`,
    );
  if (profileFolder !== undefined && !(await stat(profileFolder).catch(() => undefined))?.isDirectory())
    throw new ChipError(
      'chip_profile',
      `Chip ${index} cannot leave profiles in ${profileFolder}, which is no folder; make it first.`,
    );
  await holdKernels();
  return chipOn(new URL(`./worker${extensionOf(import.meta.url)}`, import.meta.url), index, options);
}

/** A chip whose thread is the worker in `file`, which answers the requests of the protocol. */
export function chipOn(file: URL, index: number, options: ChipOptions = {}): Chip {
  let thread = new ChipThread(file, index, options);
  let programs = 0;
  let states = 0;
  /** Copies of what a message takes to the chip, which moves them. */
  const taken = (inputs: Record<string, TensorData>) => {
    checkTensors(inputs, index);
    const memory: ArrayBuffer[] = [];
    return { inputs: copyTensors(inputs, Object.keys(inputs), memory), memory };
  };
  return {
    index,
    threads: options.threads ?? 1,
    get isDead() {
      return thread.isDead;
    },
    request: (name, body, memory) => thread.request(name, body, memory),
    async load(onnx) {
      const home = thread;
      // A text would be read as the name of a file.
      if (!(onnx instanceof Uint8Array))
        throw new ChipError(
          'chip_program',
          `Chip ${index} was given a program that is no Uint8Array; give the bytes of an ONNX model.`,
        );
      const program = programs++;
      await home.request('load', { program, onnx });
      return {
        async run(given) {
          const { inputs, memory } = taken(given);
          return home.request('run', { program, inputs }, memory);
        },
        async openState(replaced) {
          const state = states++;
          await home.request('openState', { program, state, replaced });
          return {
            async run(given) {
              const { inputs, memory } = taken(given);
              return home.request('runState', { state, inputs }, memory);
            },
            close: () => home.request('closeState', { state }),
          };
        },
        release: () => home.request('release', { program }),
      };
    },
    restart() {
      if (thread.isDead) thread = new ChipThread(file, index, options);
    },
    close: () => thread.close(),
  };
}

/** One life of a chip. */
class ChipThread {
  readonly #index: number;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(file: URL, index: number, { threads = 1, profileFolder }: ChipOptions) {
    this.#index = index;
    const gate = new Gate();
    const data: WorkerData = {
      gate: gate.memory,
      threads,
      ...(profileFolder === undefined ? {} : { profile: { folder: profileFolder, prefix: `chip${index}` } }),
    };
    this.#worker = spawn(file, { name: `chip ${index}`, workerData: data });
    closeAtExit(this.#worker, gate);
    this.#worker.on('message', (message: AnswerMessage) => this.#receive(message));
    this.#worker.on('error', (error) =>
      this.#end(new ChipError('chip_died', `Chip ${index} died: ${error.message}`, { cause: error })),
    );
    this.#worker.on('exit', (code) =>
      this.#end(
        this.#closing
          ? new ChipError('chip_closed', `Chip ${index} is closed; start another.`)
          : new ChipError('chip_died', `Chip ${index} died: its thread ended with code ${code}.`),
      ),
    );
    // A chip at work keeps the process alive; one that waits doesn't. (A listener for messages counts as work.)
    this.#worker.unref();
  }

  get isDead(): boolean {
    return this.#ended !== undefined && !this.#closing;
  }

  request<N extends RequestName>(
    name: N,
    body: Requests[N]['takes'],
    memory: ArrayBuffer[] = [],
  ): Promise<Requests[N]['answers']> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      const id = this.#requests++;
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.ref();
      try {
        this.#worker.postMessage({ id, name, body }, memory);
      } catch (error) {
        this.#done(id);
        reject(new ChipError('chip_request', `Chip ${this.#index} cannot be sent this: ${String(error)}`));
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.request('close', undefined);
    this.#worker.ref();
    await exited;
  }

  #receive(message: AnswerMessage): void {
    const request = this.#done(message.id);
    if ('answer' in message) request?.resolve(message.answer);
    else {
      const { code, message: text, stack } = message.failure;
      const error = new ChipError(code, code === 'run_stopped' ? text : `Chip ${this.#index}: ${text}`);
      if (stack) error.stack = stack;
      request?.reject(error);
    }
  }

  #done(id: number): Waiting | undefined {
    const request = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    return request;
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

function checkTensors(inputs: Readonly<Record<string, TensorData>>, index: number): void {
  for (const [name, tensor] of Object.entries(inputs)) {
    if (!isTensorData(tensor))
      throw new ChipError(
        'chip_input',
        `Chip ${index}: input "${name}" is no tensor; give { data, dims } with a typed array and its extents.`,
      );
    const { data, dims } = tensor;
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
