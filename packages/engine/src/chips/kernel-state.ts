/**
 * What a program keeps on its chip from one run to the next.
 *
 * @module
 */
import { dtypeOf, type TensorData, type TypedArray } from '../graph/dtype.ts';
import { type Dim, evaluateDim, formatShape, sameShape } from '../graph/shape.ts';
import { ChipError } from './chip-error.ts';
import { enlarge } from './enlarge.ts';
import { type ChipTensor, chipTensor, type Kernel, type KernelPort, zeros } from './kernel.ts';

/**
 * The inputs of a program between its runs. An input that a run is not given is that of the run before. Inputs that
 * outputs replace begin as zeros, are written over in place, and grow, with zeros at the end of each axis, when the
 * other inputs bind their dimensions to larger extents.
 */
export class KernelState {
  readonly kernel: Kernel;
  readonly #replaced: ReadonlyMap<string, string>;
  readonly #held = new Map<string, ChipTensor>();

  /**
   * @param replaced names of outputs by the names of the inputs that they replace
   * @throws ChipError (`chip_state`) when the program has no such ports or wasn't emitted for given memory.
   */
  constructor(kernel: Kernel, replaced: Readonly<Record<string, string>>) {
    this.kernel = kernel;
    this.#replaced = new Map(Object.entries(replaced));
    checkReplaced(kernel, replaced);
  }

  /** Runs with the inputs given and those held; answers the outputs that replace nothing. */
  async run(given: Readonly<Record<string, TensorData>>): Promise<Record<string, TensorData>> {
    const { kernel } = this;
    for (const [name, { data, dims }] of Object.entries(given)) {
      if (this.#replaced.has(name))
        throw new ChipError('chip_state', `the input "${name}" is kept on the chip and cannot be given.`);
      this.#held.set(name, chipTensor(dtypeOf(data), data, dims));
    }
    const extents = this.#extents();
    const dimsOf = (port: KernelPort) => port.shape.map((dim) => extentOf(dim, extents, port));
    for (const port of kernel.inputs) {
      if (this.#replaced.has(port.name)) this.#fit(port, dimsOf(port));
    }
    const outputs = new Map<string, ChipTensor>();
    for (const [input, output] of this.#replaced) outputs.set(output, this.#held.get(input) as ChipTensor);
    const answered = kernel.outputs.filter(({ name }) => !outputs.has(name));
    for (const port of answered) outputs.set(port.name, zeros(port.dtype, dimsOf(port)));
    await kernel.runInto(Object.fromEntries(this.#held), Object.fromEntries(outputs));
    return Object.fromEntries(
      answered.map(({ name }) => {
        const { data, dims } = outputs.get(name) as ChipTensor;
        return [name, { data: data as TypedArray, dims }];
      }),
    );
  }

  /** Of the symbols in the inputs that are given. */
  #extents(): Record<string, number> {
    const extents: Record<string, number> = {};
    for (const { name, shape } of this.kernel.inputs) {
      if (this.#replaced.has(name)) continue;
      const tensor = this.#held.get(name);
      if (!tensor)
        throw new ChipError(
          'chip_input',
          `the input "${name}" is missing; the first run with a state must be given it.`,
        );
      for (const [axis, dim] of shape.entries()) {
        if (typeof dim === 'string') extents[dim] ??= tensor.dims[axis];
      }
    }
    return extents;
  }

  #fit(port: KernelPort, dims: readonly number[]): void {
    const held = this.#held.get(port.name);
    if (held && sameShape(held.dims, dims)) return;
    const fresh = zeros(port.dtype, dims);
    if (held) enlarge(held as TensorData, fresh as TensorData);
    this.#held.set(port.name, fresh);
  }
}

function checkReplaced(kernel: Kernel, replaced: Readonly<Record<string, string>>): void {
  const problem = kernel.isIntoGivenMemory
    ? Object.entries(replaced)
        .map(([input, output]) => misfit(kernel, input, output))
        .find((what) => what !== undefined)
    : 'emit it with `intoGivenMemory`';
  if (problem !== undefined)
    throw new ChipError('chip_state', `the program cannot keep a state: ${problem}.`);
}

/** Why an output cannot take the place of an input. */
function misfit(kernel: Kernel, input: string, output: string): string | undefined {
  const before = kernel.inputs.find(({ name }) => name === input);
  const after = kernel.outputs.find(({ name }) => name === output);
  if (!before) return `it has no input "${input}"`;
  if (!after) return `it has no output "${output}"`;
  if (before.dtype === after.dtype && sameShape(before.shape, after.shape)) return undefined;
  return `its output "${output}", ${after.dtype} ${formatShape(after.shape)}, cannot take the place of the input "${input}", ${before.dtype} ${formatShape(before.shape)}`;
}

function extentOf(dim: Dim, extents: Readonly<Record<string, number>>, port: KernelPort): number {
  try {
    return evaluateDim(dim, extents);
  } catch {
    throw new ChipError(
      'chip_state',
      `the extent ${dim} of "${port.name}" ${formatShape(port.shape)} does not follow from the inputs; let an input that is given have it.`,
    );
  }
}
