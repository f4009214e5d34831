/**
 * The optimizer step of a chip: parameters with their moments, and the programs that move them.
 *
 * @module
 */
import { type ChipTensor, chipTensor, Kernel } from '../chips/kernel.ts';
import { adamwNumbers } from '../compile/adamw.ts';
import type { StageParameter } from '../compile/stages.ts';
import type { Exchange } from './exchange.ts';
import type { Job, OptimizerOptions, StepOrder, UpdatePrograms } from './job.ts';

/** Elements that are updated by one execution: large enough to hide its cost, small enough for the caches. */
const stretch = 131_072;

/**
 * A parameter's value and gradient sum, whole, and AdamW's two moments and the running mean of the elements that
 * this chip moves: `start` to `end`, all of them unless other chips hold it too.
 */
export class ParameterState {
  readonly parameter: StageParameter;
  readonly value: Float32Array;
  readonly gradient: Float32Array;
  readonly start: number;
  readonly end: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
  mean: Float32Array | undefined;

  constructor(
    parameter: StageParameter,
    value: Float32Array,
    { start, end } = { start: 0, end: value.length },
  ) {
    this.parameter = parameter;
    this.value = value;
    this.gradient = new Float32Array(value.length);
    this.start = start;
    this.end = end;
    this.first = new Float32Array(end - start);
    this.second = new Float32Array(end - start);
  }

  /** Goes on from an earlier run's state, of which it takes its own share. */
  resume({ first, second, means }: NonNullable<Job['resumed']>): void {
    const { start, end, name } = this;
    if (first[name]) this.first.set(first[name].subarray(start, end));
    if (second[name]) this.second.set(second[name].subarray(start, end));
    if (means[name]) this.mean = means[name].slice(start, end);
  }

  get name(): string {
    return this.parameter.name;
  }

  get bytes(): number {
    return this.value.byteLength * 2 + this.first.byteLength * (this.mean ? 3 : 2);
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

  /** For gradients of other holders, which the kernels cannot read where they are. */
  readonly #scratch = [new Float32Array(stretch), new Float32Array(stretch)];

  private constructor(kernels: Readonly<Record<keyof UpdatePrograms, Kernel>>, options: OptimizerOptions) {
    this.#kernels = kernels;
    this.#options = options;
  }

  static async load(programs: UpdatePrograms, options: OptimizerOptions): Promise<Updater> {
    const [adamw, squares, average, add] = await Promise.all(
      [programs.adamw, programs.squares, programs.average, programs.add].map((program) =>
        Kernel.load(program.onnx),
      ),
    );
    return new Updater({ adamw, squares, average, add }, options);
  }

  /**
   * Moves the chip's share of every parameter by its gradient, after adding those of other holders if there are any,
   * and sets the gradients to zero. Steps count from 0.
   */
  async update(
    states: readonly ParameterState[],
    { step, learningRate, averageWeight }: StepOrder,
    exchange?: Exchange,
  ): Promise<void> {
    const { rate, floor, keep } = adamwNumbers(this.#options, step, learningRate);
    this.#numbers.rate.data[0] = rate;
    this.#numbers.floor.data[0] = floor;
    this.#numbers.weight.data[0] = averageWeight;
    for (const [index, state] of states.entries()) {
      if (state.start === state.end) continue;
      if (exchange) await this.#sum(state, index, exchange);
      this.#numbers.keep.data[0] = state.parameter.weightDecay ? keep : 1;
      this.#numbers.clip.data[0] = await this.#clip(state);
      await this.#adamw(state);
      if (averageWeight > 0) await this.#average(state);
      state.gradient.fill(0, state.start, state.end);
    }
  }

  /** Adds up the gradients of all holders, in their order, into the own one. */
  async #sum(state: ParameterState, index: number, exchange: Exchange): Promise<void> {
    for (const { start, end } of stretches(state.start, state.end)) {
      const own = state.gradient.subarray(start, end);
      const given = (holder: number, scratch: Float32Array): Float32Array => {
        if (holder === exchange.holder) return own;
        const values = scratch.subarray(0, end - start);
        values.set(exchange.gradientOf(holder, index, start, end));
        return values;
      };
      let sum = given(0, this.#scratch[0]);
      for (let holder = 1; holder < exchange.holders; holder++) {
        const isLast = holder === exchange.holders - 1;
        const into = isLast ? own : this.#scratch[0].subarray(0, end - start);
        await this.#kernels.add.runInto(
          { a: whole(sum), b: whole(given(holder, this.#scratch[1])) },
          { sum: whole(into) },
        );
        sum = into;
      }
    }
  }

  async release(): Promise<void> {
    for (const kernel of Object.values(this.#kernels)) await kernel.release();
  }

  async #clip(state: ParameterState): Promise<number> {
    const { clipNorm } = this.#options;
    if (clipNorm === undefined) return 1;
    let sum = 0;
    for (const part of stretches(state.start, state.end)) {
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
    for (const part of stretches(state.start, state.end)) {
      const [parameter, gradient] = [state.value, state.gradient].map((data) => vector(data, part));
      const [first, second] = [state.first, state.second].map((data) => vector(data, part, state.start));
      await this.#kernels.adamw.runInto(
        { parameter, gradient, first, second, clip, rate, floor, keep },
        { 'parameter.next': parameter, 'first.next': first, 'second.next': second },
      );
    }
  }

  async #average(state: ParameterState): Promise<void> {
    state.mean ??= new Float32Array(state.end - state.start);
    for (const part of stretches(state.start, state.end)) {
      const mean = vector(state.mean, part, state.start);
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

/** A stretch of a parameter's elements in `data`, which begins with element `from`. */
function vector(data: Float32Array, { start, end }: { start: number; end: number }, from = 0): ChipTensor {
  return whole(data.subarray(start - from, end - from));
}

function whole(data: Float32Array): ChipTensor {
  return chipTensor('float32', data, [data.length]);
}

function* stretches(from: number, to: number): Iterable<{ start: number; end: number }> {
  for (let start = from; start < to; start += stretch) yield { start, end: Math.min(start + stretch, to) };
}
