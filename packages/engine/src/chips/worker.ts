/**
 * The thread of a chip. It handles one request after another, in the order in which they came.
 *
 * @module
 */
import { parentPort, type TransferListItem, workerData } from 'node:worker_threads';
import { KolbenError } from '../error.ts';
import { dtypeOf, type TensorData, type TypedArray } from '../graph/dtype.ts';
import { Executor } from '../run/executor.ts';
import { ChipError } from './chip-error.ts';
import { chipTensor, Kernel, passThrough } from './kernel.ts';
import { KernelState } from './kernel-state.ts';
import { computeWith, profileInto } from './ort.ts';
import type { AnswerMessage, RequestMessage, Requests, WorkerData } from './protocol.ts';

const port = parentPort;
if (!port) throw new TypeError('this file is the thread of a chip; start it with startChip');

const { gate, threads, profile } = workerData as WorkerData;
passThrough(gate);
computeWith(threads);
if (profile) profileInto(profile.folder, profile.prefix);
const programs = new Map<number, Kernel>();
const states = new Map<number, KernelState>();
let executor: Executor | undefined;
let last: Promise<void> = Promise.resolve();

port.on('message', (message: RequestMessage) => {
  last = last.then(() => answer(message));
});

async function answer(message: RequestMessage): Promise<void> {
  try {
    const result = await handle(message);
    port?.postMessage({ id: message.id, answer: result }, transferable(result));
  } catch (error) {
    const code = KolbenError.isInstance(error) ? error.code : 'chip_failed';
    const { message: text, stack } = error instanceof Error ? error : new Error(String(error));
    port?.postMessage({ id: message.id, failure: { code, message: text, stack } } satisfies AnswerMessage);
  }
  // Closing the port lets the thread end by itself: ending it from outside while a program runs kills the process.
  if (message.name === 'close') port?.close();
}

async function handle(message: RequestMessage): Promise<Requests[RequestMessage['name']]['answers']> {
  switch (message.name) {
    case 'load':
      programs.set(message.body.program, await Kernel.load(message.body.onnx));
      return undefined;
    case 'run':
      return kernel(message.body.program).run(
        Object.fromEntries(
          Object.entries(message.body.inputs).map(([name, { data, dims }]) => [
            name,
            chipTensor(dtypeOf(data), data, dims),
          ]),
        ),
      );
    case 'release': {
      const released = kernel(message.body.program);
      programs.delete(message.body.program);
      for (const [state, { kernel }] of states) if (kernel === released) states.delete(state);
      await released.release();
      return undefined;
    }
    case 'openState': {
      const { program, state, replaced } = message.body;
      states.set(state, new KernelState(kernel(program), replaced));
      return undefined;
    }
    case 'runState': {
      const state = states.get(message.body.state);
      if (!state)
        throw new ChipError(
          'chip_released',
          'the state has been closed, or its program released; open another.',
        );
      return state.run(message.body.inputs);
    }
    case 'closeState':
      states.delete(message.body.state);
      return undefined;
    case 'join':
      if (executor)
        throw new ChipError('chip_busy', 'it takes part in another run; wait for its end, or start a chip.');
      executor = await Executor.create(message.body);
      return undefined;
    case 'step':
      return joined().step(message.body);
    case 'parameters':
      return joined().parameters(message.body.averaged);
    case 'state':
      return joined().state();
    case 'memory':
      return joined().memory();
    case 'leave': {
      const left = executor;
      executor = undefined;
      await left?.release();
      return undefined;
    }
    case 'close':
      await executor?.release();
      for (const program of programs.values()) await program.release();
      return undefined;
  }
}

function kernel(program: number): Kernel {
  const found = programs.get(program);
  if (!found) throw new ChipError('chip_released', 'the program has been released; load it again.');
  return found;
}

function joined(): Executor {
  if (!executor) throw new TypeError('the chip takes part in no run');
  return executor;
}

/** The memory of tensors and parameters moves to the main thread instead of being copied. */
function transferable(result: unknown): TransferListItem[] {
  if (typeof result !== 'object' || result === null) return [];
  const buffers = Object.values(result).flatMap((value: TensorData | TypedArray | object | undefined) => {
    if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
    if (typeof value !== 'object' || value === null) return [];
    if ('dims' in value) return [value.data.buffer as ArrayBuffer];
    // A part of a parameter: a name, a number, and copies of stretches.
    return Object.values(value).flatMap((part) =>
      ArrayBuffer.isView(part) ? [part.buffer as ArrayBuffer] : [],
    );
  });
  return [...new Set(buffers)];
}
