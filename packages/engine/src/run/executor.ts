/**
 * Executes a chip's list of instructions, step after step. Runs on the chip's own thread.
 *
 * It knows neither the schedule's rule nor the model: F, B and W are programs with ports, and a microbatch is a
 * set of named tensors that lives from its first instruction on a stage to its last.
 *
 * @module
 */
import { Channel } from '../chips/channel.ts';
import { type ChipTensor, chipTensor, Kernel } from '../chips/kernel.ts';
import { RunStopped } from '../chips/run-stopped.ts';
import type { Port, Program } from '../compile/program.ts';
import type { Stage, StageParameter } from '../compile/stages.ts';
import type { TypedArray } from '../graph/dtype.ts';
import { evaluateDim } from '../graph/shape.ts';
import { type Instruction, passesOf } from '../schedule/instruction.ts';
import { BufferPool } from './buffer-pool.ts';
import { initialize } from './initialize.ts';
import { channelName, type Job, type Parameters, type StepOrder, type StepReport } from './job.ts';
import { fillDropout, randomStream } from './random.ts';
import { ParameterState, Updater } from './update.ts';

/** A microbatch on a stage: its tensors by port, and those whose memory goes back to the pool. */
interface Live {
  readonly extents: Readonly<Record<string, number>>;
  readonly tensors: Map<string, ChipTensor>;
  readonly owned: TypedArray[];
}

interface LoadedStage {
  readonly stage: Stage;
  readonly kernels: ReadonlyMap<Program, Kernel>;
  readonly states: readonly ParameterState[];
  /** By port: parameters, and the sums and results of their gradients, which share memory. */
  readonly parameters: ReadonlyMap<string, ChipTensor>;
  readonly live: Map<number, Live>;
}

export class Executor {
  readonly #job: Job;
  readonly #stages: ReadonlyMap<number, LoadedStage>;
  readonly #updater: Updater;
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #pool = new BufferPool();
  readonly #stop: Int32Array;
  /** The instructions after which a microbatch's tensors on a stage are needed no more. */
  readonly #ends: ReadonlySet<Instruction>;

  private constructor(job: Job, stages: LoadedStage[], updater: Updater) {
    this.#job = job;
    this.#stages = new Map(stages.map((loaded) => [loaded.stage.index, loaded]));
    this.#updater = updater;
    const ends = new Map<string, Instruction>();
    for (const instruction of job.instructions) {
      if ('microbatch' in instruction)
        ends.set(`${instruction.stage} ${instruction.microbatch}`, instruction);
    }
    this.#ends = new Set(ends.values());
    this.#stop = new Int32Array(job.stop);
    this.#channels = new Map(
      Object.entries(job.channels).map(([name, memory]) => [name, new Channel(memory, this.#stop)]),
    );
  }

  static async create(job: Job): Promise<Executor> {
    const stages: LoadedStage[] = [];
    for (const stage of job.stages) {
      const kernels = new Map<Program, Kernel>();
      for (const program of [stage.forward, stage.backwardInput, stage.backwardWeight]) {
        if (program) kernels.set(program, await Kernel.load(program.onnx, `program ${program.name}`));
      }
      const states = stage.parameters.map(
        (parameter) =>
          new ParameterState(parameter, job.initial[parameter.name] ?? initialize(parameter, job.seed)),
      );
      const parameters = new Map<string, ChipTensor>();
      for (const state of states) bindParameter(parameters, state);
      stages.push({ stage, kernels, states, parameters, live: new Map() });
    }
    return new Executor(job, stages, await Updater.load(job.updatePrograms, job.optimizer));
  }

  /** @throws RunStopped, between instructions or while waiting; the run cannot go on after it. */
  async step(order: StepOrder): Promise<StepReport> {
    const { instructions } = this.#job;
    const times = new Float64Array(2 * instructions.length);
    let loss: number | undefined;
    for (const [i, instruction] of instructions.entries()) {
      if (Atomics.load(this.#stop, 0) !== 0) throw new RunStopped();
      const called = now();
      times[2 * i] = (await this.#execute(instruction, order)) ?? called;
      times[2 * i + 1] = now();
      if (instruction.kind === 'forward') {
        const value = this.#loss(instruction.stage, instruction.microbatch);
        if (value !== undefined) loss = (loss ?? 0) + value;
      }
      if ('microbatch' in instruction && this.#ends.has(instruction))
        this.#end(this.#stages.get(instruction.stage) as LoadedStage, instruction.microbatch);
    }
    return { step: order.step, loss, times };
  }

  /** Copies of the parameters, or of their running means. */
  parameters(averaged: boolean): Parameters {
    const copies: Record<string, Float32Array> = {};
    for (const { states } of this.#stages.values()) {
      for (const state of states)
        copies[state.name] = (averaged ? (state.mean ?? state.value) : state.value).slice();
    }
    return copies;
  }

  /** Bytes of parameters with their optimizer state, and of activations at the peak so far. */
  memory(): { parameters: number; activations: number } {
    let parameters = 0;
    for (const { states } of this.#stages.values()) for (const state of states) parameters += state.bytes;
    return { parameters, activations: this.#pool.bytes };
  }

  async release(): Promise<void> {
    for (const { kernels } of this.#stages.values())
      for (const kernel of kernels.values()) await kernel.release();
    await this.#updater.release();
  }

  /** Answers when the work itself began, where that was after a wait. */
  async #execute(instruction: Instruction, order: StepOrder): Promise<number | undefined> {
    if (instruction.kind === 'overlapped') {
      for (const pass of passesOf(instruction)) await this.#execute(pass, order);
      return undefined;
    }
    const loaded = this.#stages.get(instruction.stage) as LoadedStage;
    const { stage } = loaded;
    if (!('microbatch' in instruction)) {
      // A schedule places each stage on one chip, and the sum over a single copy is that copy.
      if (instruction.kind === 'update') await this.#updater.update(loaded.states, order);
      return undefined;
    }
    const { microbatch } = instruction;
    const live = this.#live(loaded, microbatch, order);
    switch (instruction.kind) {
      case 'forward':
        this.#begin(loaded, live, microbatch, order);
        await this.#run(loaded, stage.forward, live);
        this.#handOver(live, stage.index + 1, microbatch, stage.sends, order);
        return undefined;
      case 'backwardInput':
        if (stage.backwardInput) await this.#run(loaded, stage.backwardInput, live);
        this.#handOver(live, stage.index - 1, microbatch, stage.sendsGradients, order);
        return undefined;
      case 'backwardWeight':
        if (stage.backwardWeight) await this.#run(loaded, stage.backwardWeight, live);
        return undefined;
      case 'send': {
        const ports = instruction.payload === 'activation' ? stage.sends : stage.sendsGradients;
        const channel = this.#channel(this.#job.chip, instruction.peer, instruction.payload);
        return this.#send(channel, ports, live);
      }
      case 'receive': {
        const ports = instruction.payload === 'activation' ? stage.receives : stage.receivesGradients;
        const channel = this.#channel(instruction.peer, this.#job.chip, instruction.payload);
        return this.#receive(channel, ports, live);
      }
    }
  }

  #live(loaded: LoadedStage, microbatch: number, order: StepOrder): Live {
    let live = loaded.live.get(microbatch);
    if (!live) {
      live = { extents: order.microbatches[microbatch].extents, tensors: new Map(), owned: [] };
      loaded.live.set(microbatch, live);
    }
    return live;
  }

  /** Gives a microbatch its inputs and its dropout masks. */
  #begin({ stage }: LoadedStage, live: Live, microbatch: number, order: StepOrder): void {
    const { inputs } = order.microbatches[microbatch];
    for (const { name, dtype } of stage.inputs)
      live.tensors.set(name, chipTensor(dtype, inputs[name].data, inputs[name].dims));
    for (const { port, shape, rate, index } of stage.dropouts) {
      const mask = this.#take({ name: port, dtype: 'float32', shape }, live);
      const stream = randomStream(this.#job.seed, order.step, microbatch, index);
      fillDropout(mask.data as Float32Array, rate, stream);
      live.tensors.set(port, mask);
    }
  }

  async #run(loaded: LoadedStage, program: Program, live: Live): Promise<void> {
    const tensorOf = (port: Port): ChipTensor => {
      const tensor = loaded.parameters.get(port.name) ?? live.tensors.get(port.name);
      if (!tensor) throw new TypeError(`${program.name} needs ${port.name}, which nothing has made`);
      return tensor;
    };
    const inputs: Record<string, ChipTensor> = {};
    for (const port of program.inputs) inputs[port.name] = tensorOf(port);
    const outputs: Record<string, ChipTensor> = {};
    for (const port of program.outputs) {
      const tensor = loaded.parameters.get(port.name) ?? this.#take(port, live);
      outputs[port.name] = tensor;
      live.tensors.set(port.name, tensor);
    }
    await (loaded.kernels.get(program) as Kernel).runInto(inputs, outputs);
  }

  #take(port: Port, live: Live): ChipTensor {
    const dims = port.shape.map((dim) => evaluateDim(dim, live.extents));
    const length = dims.reduce((product, dim) => product * dim, 1);
    const data = this.#pool.take(port.dtype, length);
    live.owned.push(data);
    return chipTensor(port.dtype, data, dims);
  }

  /** What a neighbour on the same chip would be sent. It is a copy, since each stage frees its own memory. */
  #handOver(
    from: Live,
    neighbour: number,
    microbatch: number,
    ports: readonly Port[],
    order: StepOrder,
  ): void {
    const loaded = this.#stages.get(neighbour);
    if (!loaded) return;
    const to = this.#live(loaded, microbatch, order);
    for (const port of ports) {
      const copy = this.#take(port, to);
      bytesOf(copy).set(bytesOf(from.tensors.get(port.name) as ChipTensor));
      to.tensors.set(port.name, copy);
    }
  }

  #end(loaded: LoadedStage, microbatch: number): void {
    for (const data of loaded.live.get(microbatch)?.owned ?? []) this.#pool.give(data);
    loaded.live.delete(microbatch);
  }

  #loss(stage: number, microbatch: number): number | undefined {
    const loaded = this.#stages.get(stage) as LoadedStage;
    if (!loaded.stage.loss) return undefined;
    return Number(loaded.live.get(microbatch)?.tensors.get(loaded.stage.loss)?.data[0]);
  }

  #channel(from: number, to: number, payload: 'activation' | 'gradient'): Channel {
    return this.#channels.get(channelName(from, to, payload)) as Channel;
  }

  /** The elements of one port after the other: both sides know their shapes. */
  #send(channel: Channel, ports: readonly Port[], live: Live): number {
    const tensors = ports.map((port) => bytesOf(live.tensors.get(port.name) as ChipTensor));
    channel.waitWritable(tensors.reduce((sum, bytes) => sum + bytes.length, 0));
    const begun = now();
    for (const bytes of tensors) channel.write(bytes);
    return begun;
  }

  #receive(channel: Channel, ports: readonly Port[], live: Live): number {
    if (ports.length > 0) channel.waitReadable();
    const begun = now();
    for (const port of ports) {
      const tensor = this.#take(port, live);
      channel.read(bytesOf(tensor));
      live.tensors.set(port.name, tensor);
    }
    return begun;
  }
}

function bindParameter(tensors: Map<string, ChipTensor>, state: ParameterState): void {
  const { port, gradientPort, shape }: StageParameter = state.parameter;
  tensors.set(port, chipTensor('float32', state.value, shape));
  const gradient = chipTensor('float32', state.gradient, shape);
  tensors.set(gradientPort, gradient);
  tensors.set(`${gradientPort}.sum`, gradient);
}

function bytesOf({ data }: ChipTensor): Uint8Array {
  const { buffer, byteOffset, byteLength } = data as TypedArray;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Milliseconds on a clock that all threads of the process share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
