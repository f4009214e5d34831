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
import type { Port, Program } from '../compile/program.ts';
import type { Stage, StageParameter } from '../compile/stages.ts';
import type { TensorData, TypedArray } from '../graph/dtype.ts';
import { evaluateDim } from '../graph/shape.ts';
import type { Instruction } from '../schedule/instruction.ts';
import type { Span } from '../simulate/timeline.ts';
import { BufferPool } from './buffer-pool.ts';
import { initialize } from './initialize.ts';
import { channelName, type Job, type Parameters, type StepOrder, type StepReport } from './job.ts';
import { fillDropout, randomStream } from './random.ts';
import { ParameterState, Updater } from './update.ts';

/** A microbatch on a stage: its tensors by port, and the extents of its symbolic dimensions. */
interface Live {
  readonly tensors: Map<string, ChipTensor>;
  readonly bindings: Record<string, number>;
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
    const stop = new Int32Array(job.stop);
    this.#channels = new Map(
      Object.entries(job.channels).map(([name, memory]) => [name, new Channel(memory, stop)]),
    );
  }

  static async create(job: Job): Promise<Executor> {
    const stages: LoadedStage[] = [];
    for (const stage of job.stages) {
      const kernels = new Map<Program, Kernel>();
      for (const program of [stage.forward, stage.backwardInput, stage.backwardWeight]) {
        if (program) kernels.set(program, await Kernel.load(program.onnx));
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

  async step(order: StepOrder): Promise<StepReport> {
    const spans: Span[] = [];
    let loss: number | undefined;
    for (const instruction of this.#job.instructions) {
      const start = now();
      const begun = (await this.#execute(instruction, order)) ?? start;
      const microbatch = 'microbatch' in instruction ? instruction.microbatch : undefined;
      const { kind, stage } = instruction;
      spans.push({
        chip: this.#job.chip,
        kind,
        stage,
        microbatch,
        step: order.step,
        start: begun,
        end: now(),
      });
      if (kind === 'forward') {
        const value = this.#loss(stage, microbatch as number);
        if (value !== undefined) loss = (loss ?? 0) + value;
      }
      if (this.#ends.has(instruction))
        this.#end(this.#stages.get(stage) as LoadedStage, microbatch as number);
    }
    return { step: order.step, loss, spans };
  }

  /** Copies of the parameters, or of their running means. */
  parameters(averaged: boolean): Parameters {
    const copies: Parameters = {};
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
    const loaded = this.#stages.get(instruction.stage) as LoadedStage;
    const { stage } = loaded;
    switch (instruction.kind) {
      case 'forward': {
        const live = this.#begin(loaded, instruction.microbatch, order);
        await this.#run(loaded, stage.forward, live);
        this.#handOver(live, stage.index + 1, instruction.microbatch, stage.sends);
        return undefined;
      }
      case 'backwardInput': {
        const live = this.#live(loaded, instruction.microbatch);
        if (stage.backwardInput) await this.#run(loaded, stage.backwardInput, live);
        this.#handOver(live, stage.index - 1, instruction.microbatch, stage.sendsGradients);
        return undefined;
      }
      case 'backwardWeight':
        if (stage.backwardWeight)
          await this.#run(loaded, stage.backwardWeight, this.#live(loaded, instruction.microbatch));
        return undefined;
      case 'send': {
        const live = this.#live(loaded, instruction.microbatch);
        const ports = instruction.payload === 'activation' ? stage.sends : stage.sendsGradients;
        this.#send(this.#channel(this.#job.chip, instruction.peer, instruction.payload), ports, live);
        return undefined;
      }
      case 'receive': {
        const live = this.#live(loaded, instruction.microbatch);
        const ports = instruction.payload === 'activation' ? stage.receives : stage.receivesGradients;
        return this.#receive(
          this.#channel(instruction.peer, this.#job.chip, instruction.payload),
          ports,
          live,
        );
      }
      case 'update':
        await this.#updater.update(loaded.states, order);
        return undefined;
      case 'allReduce':
        throw new TypeError('Replicas are not part of this runtime yet; no schedule of ours asks for them.');
    }
  }

  #live(loaded: LoadedStage, microbatch: number): Live {
    let live = loaded.live.get(microbatch);
    if (!live) {
      live = { tensors: new Map(), bindings: {}, owned: [] };
      loaded.live.set(microbatch, live);
    }
    return live;
  }

  /** Gives a microbatch its inputs and its dropout masks. */
  #begin(loaded: LoadedStage, microbatch: number, order: StepOrder): Live {
    const live = this.#live(loaded, microbatch);
    for (const port of loaded.stage.inputs) {
      const { data, dims } = order.microbatches[microbatch][port.name];
      live.tensors.set(port.name, chipTensor(port.dtype, data, dims));
      bind(live.bindings, port, dims);
    }
    for (const { port, shape, rate, index } of loaded.stage.dropouts) {
      const tensor = this.#take({ name: port, dtype: 'float32', shape }, live);
      fillDropout(
        tensor.data as Float32Array,
        rate,
        randomStream(this.#job.seed, order.step, microbatch, index),
      );
      live.tensors.set(port, tensor);
    }
    return live;
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
    const dims = port.shape.map((dim) => evaluateDim(dim, live.bindings));
    const length = dims.reduce((product, dim) => product * dim, 1);
    const data = this.#pool.take(port.dtype, length);
    live.owned.push(data);
    return chipTensor(port.dtype, data, dims);
  }

  /** What a neighbour on the same chip would be sent. It is a copy, since each stage frees its own memory. */
  #handOver(from: Live, neighbour: number, microbatch: number, ports: readonly Port[]): void {
    const loaded = this.#stages.get(neighbour);
    if (!loaded) return;
    const to = this.#live(loaded, microbatch);
    for (const port of ports) {
      const tensor = from.tensors.get(port.name) as ChipTensor;
      bind(to.bindings, port, tensor.dims);
      const copy = this.#take(port, to);
      (copy.data as Float32Array).set(tensor.data as Float32Array);
      to.tensors.set(port.name, copy);
    }
  }

  #end(loaded: LoadedStage, microbatch: number): void {
    for (const data of this.#live(loaded, microbatch).owned) this.#pool.give(data);
    loaded.live.delete(microbatch);
  }

  #loss(stage: number, microbatch: number): number | undefined {
    const loaded = this.#stages.get(stage) as LoadedStage;
    if (!loaded.stage.loss) return undefined;
    return Number(this.#live(loaded, microbatch).tensors.get(loaded.stage.loss)?.data[0]);
  }

  #channel(from: number, to: number, payload: 'activation' | 'gradient'): Channel {
    return this.#channels.get(channelName(from, to, payload)) as Channel;
  }

  /** For each port: its extents as int32, then its elements. Both sides know types and ranks. */
  #send(channel: Channel, ports: readonly Port[], live: Live): void {
    for (const port of ports) {
      const tensor = live.tensors.get(port.name) as ChipTensor;
      channel.write(bytesOf(Int32Array.from(tensor.dims)));
      channel.write(bytesOf(tensor.data as TypedArray));
    }
  }

  #receive(channel: Channel, ports: readonly Port[], live: Live): number {
    if (ports.length > 0) channel.waitReadable();
    const begun = now();
    for (const port of ports) {
      const dims = new Int32Array(port.shape.length);
      channel.read(bytesOf(dims));
      bind(live.bindings, port, [...dims]);
      const tensor = this.#take(port, live);
      channel.read(bytesOf(tensor.data as TypedArray));
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

function bind(bindings: Record<string, number>, port: Port, dims: TensorData['dims']): void {
  port.shape.forEach((dim, axis) => {
    if (typeof dim === 'string' && !dim.includes('*')) bindings[dim] = dims[axis];
  });
}

function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Milliseconds on a clock that all threads of the process share. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
