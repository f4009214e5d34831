/**
 * A program in the hands of the thread that executes it.
 *
 * @module
 */
import { uncopied } from '../compile/uncopied.ts';
import { KolbenError } from '../error.ts';
import { bytesPerElement, type DType, type TensorData, type TypedArray, viewOf } from '../graph/dtype.ts';
import type { Shape } from '../graph/shape.ts';
import { ChipError } from './chip-error.ts';
import { Gate } from './gate.ts';
import { createSession, type OrtTensor, ort, type Session } from './ort.ts';

/** A tensor on the chip: a view of host memory that ONNX Runtime reads and writes in place. */
export type ChipTensor = OrtTensor;

/** The memory of `data` as a tensor, without a copy. */
export function chipTensor(dtype: DType, data: TypedArray, dims: readonly number[]): ChipTensor {
  return new ort.Tensor(dtype, data, dims);
}

/** A tensor of zeros in memory of its own. */
export function zeros(dtype: DType, dims: readonly number[]): ChipTensor {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return chipTensor(dtype, viewOf(dtype, new ArrayBuffer(length * bytesPerElement[dtype]), 0, length), dims);
}

/** An input or output of a program as the model file declares it. */
export interface KernelPort {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** This thread's gate. */
let gate = new Gate();

/** Makes the kernels of this thread go through a gate that another thread can close. */
export function passThrough(memory: SharedArrayBuffer): void {
  gate = new Gate(memory);
}

/** What the binding says when it comes to the output `uncopied`, after all outputs have been computed. */
const refusal = 'Non tensor type is temporarily not supported.';

export class Kernel {
  readonly #session: Session;
  readonly #name: string;
  readonly inputs: readonly KernelPort[];
  /** Without `uncopied`. */
  readonly outputs: readonly KernelPort[];
  /** Whether the program was emitted for `runInto`. */
  readonly isIntoGivenMemory: boolean;

  private constructor(session: Session, name: string) {
    this.#session = session;
    this.#name = name;
    this.inputs = portsOf(session.inputMetadata);
    this.outputs = portsOf(session.outputMetadata);
    this.isIntoGivenMemory = session.outputNames.includes(uncopied);
  }

  /**
   * `name` is for errors.
   *
   * @throws ChipError (`chip_program`) for what is not a model, or not one that can run here.
   */
  static async load(onnx: Uint8Array, name = 'the program'): Promise<Kernel> {
    try {
      return new Kernel(await gate.pass(() => createSession(onnx, { name })), name);
    } catch (error) {
      throw failure('chip_program', `${name} cannot be loaded`, error);
    }
  }

  /**
   * Runs a program that was emitted for it into given memory. An output may share the memory of an input of the
   * same shape.
   */
  async runInto(inputs: Record<string, ChipTensor>, outputs: Record<string, ChipTensor>): Promise<void> {
    try {
      await gate.pass(() => this.#session.run(inputs, { [uncopied]: null, ...outputs }));
    } catch (error) {
      if (!(error instanceof Error && error.message === refusal))
        throw failure('chip_run', `${this.#name} failed`, error);
    }
  }

  /** Runs into memory of the runtime's own, and answers all outputs. */
  async run(inputs: Record<string, ChipTensor>): Promise<Record<string, TensorData>> {
    const outputs: [string, TensorData][] = [];
    try {
      for (const [name, { data, dims }] of Object.entries(await gate.pass(() => this.#session.run(inputs))))
        outputs.push([name, { data: data as TypedArray, dims }]);
    } catch (error) {
      throw failure('chip_run', `${this.#name} failed`, error);
    }
    return Object.fromEntries(outputs);
  }

  async release(): Promise<void> {
    await gate.pass(() => this.#session.release());
  }
}

function portsOf(metadata: Session['inputMetadata']): KernelPort[] {
  return metadata.flatMap((port) =>
    port.isTensor ? [{ name: port.name, dtype: port.type as DType, shape: port.shape }] : [],
  );
}

/** What the runtime says in several lines, in one. */
function failure(code: string, what: string, cause: unknown): KolbenError {
  if (KolbenError.isInstance(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ChipError(code, `${what}: ${reason.replace(/\s+/g, ' ').replace(/\.\s*$/, '')}.`, { cause });
}
