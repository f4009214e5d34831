/**
 * The optimizer step of a chip: parameters with their moments, and the programs that move them.
 *
 * @module
 */
import { type ChipTensor, chipTensor, Kernel } from '../chips/kernel.ts';
import { adamwNumbers } from '../compile/adamw.ts';
import type { StageParameter } from '../compile/stages.ts';
import type { OptimizerOptions, StepOrder, UpdatePrograms } from './job.ts';

/** Elements that are updated by one execution: large enough to hide its cost, small enough for the caches. */
const stretch = 131_072;

/** A parameter's value, gradient sum, AdamW's two moments and running mean; all of one length. */
export class ParameterState {
  readonly parameter: StageParameter;
  readonly value: Float32Array;
  readonly gradient: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  mean: Float32Array | undefined;

  constructor(parameter: StageParameter, value: Float32Array) {
    this.parameter = parameter;
    this.value = value;
    this.gradient = new Float32Array(value.length);
    this.first = new Float32Array(value.length);
    this.second = new Float32Array(value.length);
  }

  get name(): string {
    return this.parameter.name;
  }

  get bytes(): number {
    return this.value.byteLength * (this.mean ? 5 : 4);
  }
}

export class Updater {
  readonly #kernels: Readonly<Record<keyof UpdatePrograms, Kernel>>;
  readonly #options: OptimizerOptions;
  readonly #numbers = {
    clip: number(),
    rate: number(),
    floor: number(),
    keep: number(),
    weight: number(),
    squares: number(),
  };

  private constructor(kernels: Readonly<Record<keyof UpdatePrograms, Kernel>>, options: OptimizerOptions) {
    this.#kernels = kernels;
    this.#options = options;
  }

  static async load(programs: UpdatePrograms, options: OptimizerOptions): Promise<Updater> {
    const [adamw, squares, average] = await Promise.all(
      [programs.adamw, programs.squares, programs.average].map((program) => Kernel.load(program.onnx)),
    );
    return new Updater({ adamw, squares, average }, options);
  }

  /** Moves every parameter by its gradient, and sets the gradients to zero. Steps count from 0. */
  async update(
    states: readonly ParameterState[],
    { step, learningRate, averageWeight }: StepOrder,
  ): Promise<void> {
    const { rate, floor, keep } = adamwNumbers(this.#options, step, learningRate);
    this.#numbers.rate.data[0] = rate;
    this.#numbers.floor.data[0] = floor;
    this.#numbers.weight.data[0] = averageWeight;
    for (const state of states) {
      this.#numbers.keep.data[0] = state.parameter.weightDecay ? keep : 1;
      this.#numbers.clip.data[0] = await this.#clip(state);
      await this.#adamw(state);
      if (averageWeight > 0) await this.#average(state);
      state.gradient.fill(0);
    }
  }

  async release(): Promise<void> {
    for (const kernel of Object.values(this.#kernels)) await kernel.release();
  }

  async #clip(state: ParameterState): Promise<number> {
    const { clipNorm } = this.#options;
    if (clipNorm === undefined) return 1;
    let sum = 0;
    for (const part of stretches(state.gradient.length)) {
      await this.#kernels.squares.runInto(
        { gradient: vector(state.gradient, part) },
        { squares: this.#numbers.squares },
      );
      sum += Number(this.#numbers.squares.data[0]);
    }
    const norm = Math.sqrt(sum);
    return norm > clipNorm ? clipNorm / norm : 1;
  }

  async #adamw(state: ParameterState): Promise<void> {
    const { clip, rate, floor, keep } = this.#numbers;
    for (const part of stretches(state.value.length)) {
      const [parameter, gradient, first, second] = [
        state.value,
        state.gradient,
        state.first,
        state.second,
      ].map((data) => vector(data, part));
      await this.#kernels.adamw.runInto(
        { parameter, gradient, first, second, clip, rate, floor, keep },
        { 'parameter.next': parameter, 'first.next': first, 'second.next': second },
      );
    }
  }

  async #average(state: ParameterState): Promise<void> {
    state.mean ??= new Float32Array(state.value.length);
    for (const part of stretches(state.value.length)) {
      const mean = vector(state.mean, part);
      await this.#kernels.average.runInto(
        { mean, parameter: vector(state.value, part), weight: this.#numbers.weight },
        { 'mean.next': mean },
      );
    }
  }
}

function number(): ChipTensor & { data: Float32Array } {
  return chipTensor('float32', new Float32Array(1), []) as ChipTensor & { data: Float32Array };
}

function vector(data: Float32Array, { start, end }: { start: number; end: number }): ChipTensor {
  return chipTensor('float32', data.subarray(start, end), [end - start]);
}

function* stretches(length: number): Iterable<{ start: number; end: number }> {
  for (let start = 0; start < length; start += stretch)
    yield { start, end: Math.min(start + stretch, length) };
}
