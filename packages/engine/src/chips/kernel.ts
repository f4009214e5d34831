/**
 * A program in the hands of the thread that executes it.
 *
 * @module
 */
import type { DType, TensorData, TypedArray } from '../graph/dtype.ts';
import { createSession, type OrtTensor, ort, type Session } from './ort.ts';

/** A tensor on the chip: a view of host memory that ONNX Runtime reads and writes in place. */
export type ChipTensor = OrtTensor;

/** The memory of `data` as a tensor, without a copy. */
export function chipTensor(dtype: DType, data: TypedArray, dims: readonly number[]): ChipTensor {
  return new ort.Tensor(dtype, data, dims);
}

export class Kernel {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static async load(onnx: Uint8Array, threads = 1): Promise<Kernel> {
    return new Kernel(await createSession(onnx, { threads }));
  }

  get inputs(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Runs into given memory. An output may share the memory of an input of the same shape. */
  async runInto(inputs: Record<string, ChipTensor>, outputs: Record<string, ChipTensor>): Promise<void> {
    await this.#session.run(inputs, outputs);
  }

  /** Runs into memory of the runtime's own, and answers all outputs. */
  async run(inputs: Record<string, ChipTensor>): Promise<Record<string, TensorData>> {
    const outputs = await this.#session.run(inputs);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { data, dims }]) => [name, { data: data as TypedArray, dims }]),
    );
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
