/**
 * The thread of a chip. It handles one request after another, in the order in which they came.
 *
 * @module
 */
import { parentPort, type TransferListItem } from 'node:worker_threads';
import { KolbenError } from '../error.ts';
import { dtypeOf, type TensorData } from '../graph/dtype.ts';
import { Executor } from '../run/executor.ts';
import { chipTensor, Kernel } from './kernel.ts';
import type { RequestMessage, Requests } from './protocol.ts';

const port = parentPort;
if (!port) throw new TypeError('this file is the thread of a chip; start it with startChip');

const programs = new Map<number, Kernel>();
let executor: Executor | undefined;
let last: Promise<void> = Promise.resolve();

port.on('message', (message: RequestMessage) => {
  last = last.then(() => answer(message));
});

async function answer(message: RequestMessage): Promise<void> {
  try {
    const result = await handle(message);
    port?.postMessage({ id: message.id, answer: result }, transferable(result));
    // Closing the port lets the thread end by itself: ending it from outside while a program runs kills the process.
    if (message.name === 'close') port?.close();
  } catch (error) {
    const code = KolbenError.isInstance(error) ? error.code : undefined;
    const { message: text, stack } = error instanceof Error ? error : new Error(String(error));
    port?.postMessage({ id: message.id, failure: { code, message: text, stack } });
  }
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
    case 'release':
      await kernel(message.body.program).release();
      programs.delete(message.body.program);
      return undefined;
    case 'join':
      await executor?.release();
      executor = await Executor.create(message.body);
      return undefined;
    case 'step':
      return joined().step(message.body);
    case 'parameters':
      return joined().parameters(message.body.averaged);
    case 'memory':
      return joined().memory();
    case 'leave':
      await executor?.release();
      executor = undefined;
      return undefined;
    case 'close':
      await executor?.release();
      for (const program of programs.values()) await program.release();
      return undefined;
  }
}

function kernel(program: number): Kernel {
  const found = programs.get(program);
  if (!found) throw new TypeError(`no program ${program} is loaded`);
  return found;
}

function joined(): Executor {
  if (!executor) throw new TypeError('the chip takes part in no run');
  return executor;
}

/** The memory of tensors and parameters moves to the main thread instead of being copied. */
function transferable(result: unknown): TransferListItem[] {
  if (typeof result !== 'object' || result === null) return [];
  return Object.values(result).flatMap((value: TensorData | Float32Array | undefined) => {
    if (value instanceof Float32Array) return [value.buffer as ArrayBuffer];
    return value && typeof value === 'object' && 'dims' in value ? [value.data.buffer as ArrayBuffer] : [];
  });
}
