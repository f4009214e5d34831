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
import type { FrozenParameter, Stage, StageParameter } from '../compile/stages.ts';
import type { TypedArray } from '../graph/dtype.ts';
import { evaluateDim } from '../graph/shape.ts';
import { type Instruction, type Payload, passesOf, type StageInstruction } from '../schedule/instruction.ts';
import { BufferPool } from './buffer-pool.ts';
import { endsOf, type Place } from './ends-of.ts';
import { Exchange } from './exchange.ts';
import { ExchangeCounters } from './exchange-counters.ts';
import { initialize } from './initialize.ts';
import {
  channelName,
  type Job,
  type JobGroup,
  type ParameterPart,
  type StepOrder,
  type StepReport,
} from './job.ts';
import { movedByMuon } from './optimizer.ts';
import { fillDropout, randomStream } from './random.ts';
import type { StatePart } from './run-state.ts';
import { TelemetryRing } from './telemetry.ts';
import { turnsOf } from './turns-of.ts';
import { ParameterState, Updater } from './update.ts';

/** A microbatch on a stage: its tensors by port, and those whose memory goes back to the pool. */
interface Live {
  readonly extents: Readonly<Record<string, number>>;
  readonly tensors: Map<string, ChipTensor>;
  readonly owned: TypedArray[];
}

interface LoadedStage {
  readonly stage: Stage;
  readonly copy: number;
  readonly kernels: ReadonlyMap<Program, Kernel>;
  /** By port: parameters, those that are frozen, and the sums and results of gradients, which share memory. */
  readonly parameters: ReadonlyMap<string, ChipTensor>;
  readonly live: Map<number, Live>;
}

/** Parameters that the same stages use, each there once. */
interface LoadedGroup {
  readonly stages: readonly number[];
  readonly states: readonly ParameterState[];
  readonly exchange: Exchange | undefined;
}

export class Executor {
  readonly #job: Job;
  readonly #stages: ReadonlyMap<number, LoadedStage>;
  readonly #groups: readonly LoadedGroup[];
  /** By name. */
  readonly #frozen: ReadonlyMap<string, Float32Array>;
  /** By kind of instruction: the groups that an instruction for a stage is about. */
  readonly #turns: Readonly<Record<StageInstruction['kind'], ReadonlyMap<number, readonly LoadedGroup[]>>>;
  readonly #counters: ExchangeCounters;
  readonly #updater: Updater;
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #pool = new BufferPool();
  readonly #stop: Int32Array;
  readonly #telemetry: TelemetryRing;
  /** The passes and transfers after which a microbatch's tensors on a stage are needed no more, by position. */
  readonly #ends: ReadonlyMap<number, readonly Place[]>;

  private constructor(
    job: Job,
    stages: LoadedStage[],
    groups: LoadedGroup[],
    frozen: ReadonlyMap<string, Float32Array>,
    updater: Updater,
  ) {
    this.#job = job;
    this.#stages = new Map(stages.map((loaded) => [loaded.stage.index, loaded]));
    this.#groups = groups;
    this.#frozen = frozen;
    this.#turns = {
      scatter: turnsOf(job.instructions, 'scatter', groups),
      update: turnsOf(job.instructions, 'update', groups),
      gather: turnsOf(job.instructions, 'gather', groups),
    };
    this.#updater = updater;
    this.#ends = endsOf(job.instructions);
    this.#stop = new Int32Array(job.stop);
    this.#counters = new ExchangeCounters(job.counters, job.schedule, this.#stop);
    this.#telemetry = new TelemetryRing(job.telemetry);
    this.#channels = new Map(
      Object.entries(job.channels).map(([name, memory]) => [name, new Channel(memory, this.#stop)]),
    );
  }

  static async create(job: Job): Promise<Executor> {
    const groups = job.groups.map((group) => loadGroup(group, job));
    const states = new Map(groups.flatMap((group) => group.states.map((state) => [state.name, state])));
    const frozen = new Map<string, Float32Array>();
    const stages: LoadedStage[] = [];
    for (const { stage, copy } of job.stages) {
      const kernels = new Map<Program, Kernel>();
      for (const program of [stage.forward, stage.backwardInput, stage.backwardWeight]) {
        if (program) kernels.set(program, await Kernel.load(program.onnx, `program ${program.name}`));
      }
      const parameters = new Map<string, ChipTensor>();
      for (const parameter of stage.parameters)
        bindParameter(parameters, parameter, states.get(parameter.name) as ParameterState);
      for (const parameter of stage.frozen)
        parameters.set(parameter.port, frozenTensor(parameter, frozen, job));
      stages.push({ stage, copy, kernels, parameters, live: new Map() });
    }
    return new Executor(job, stages, groups, frozen, await Updater.load(job.updatePrograms, job.optimizer));
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
      this.#telemetry.write(order.step, i, times[2 * i], times[2 * i + 1]);
      for (const pass of passesOf(instruction)) {
        const value = pass.kind === 'forward' ? this.#loss(pass) : undefined;
        if (value !== undefined && !Number.isFinite(value))
          return { step: order.step, loss, times, diverged: { microbatch: pass.microbatch, loss: value } };
        if (value !== undefined) loss = (loss ?? 0) + value;
      }
      for (const place of this.#ends.get(i) ?? []) this.#end(place);
    }
    return { step: order.step, loss, times };
  }

  /** Copies of what this chip moves: of the parameters, or of their running means. */
  parameters(averaged: boolean): ParameterPart[] {
    const parts: ParameterPart[] = [];
    for (const { states } of this.#groups) {
      for (const { name, start, end, value, mean } of states) {
        if (start === end) continue;
        parts.push({ name, start, values: (averaged && mean ? mean : value.subarray(start, end)).slice() });
      }
    }
    return parts;
  }

  /** Copies of all that this chip moves, with the optimizer's state. */
  state(): StatePart[] {
    return this.#groups.flatMap(({ states }) =>
      states.flatMap(({ name, start, end, value, first, second, mean }) =>
        start === end
          ? []
          : [
              {
                name,
                start,
                value: value.slice(start, end),
                first: first.slice(),
                second: second?.slice(),
                mean: mean?.slice(),
              },
            ],
      ),
    );
  }

  /** Bytes of parameters with their optimizer state, and of activations at the peak so far. */
  memory(): { parameters: number; activations: number } {
    let parameters = 0;
    for (const { states } of this.#groups) for (const state of states) parameters += state.bytes;
    for (const values of this.#frozen.values()) parameters += values.byteLength;
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
    if (!('microbatch' in instruction)) return this.#executeOnStage(instruction, order);
    const loaded = this.#stages.get(instruction.stage) as LoadedStage;
    const { stage } = loaded;
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
        const channel = this.#channel(this.#job.chip, instruction.peer, instruction.payload, stage.index);
        return this.#send(channel, ports, live);
      }
      case 'receive': {
        const ports = instruction.payload === 'activation' ? stage.receives : stage.receivesGradients;
        const sender = instruction.payload === 'activation' ? stage.index - 1 : stage.index + 1;
        const channel = this.#channel(instruction.peer, this.#job.chip, instruction.payload, sender);
        return this.#receive(channel, ports, live);
      }
    }
  }

  /** What is done once a step: see `StageInstruction`. Answers as `#execute` does. */
  async #executeOnStage(instruction: StageInstruction, order: StepOrder): Promise<number | undefined> {
    const begun = this.#counters.await(instruction);
    for (const { states, exchange } of this.#turns[instruction.kind].get(instruction.stage) ?? []) {
      switch (instruction.kind) {
        case 'scatter':
          exchange?.scatter();
          break;
        case 'update':
          await this.#updater.update(states, order, exchange);
          exchange?.publish();
          break;
        case 'gather':
          exchange?.gather();
      }
    }
    if (instruction.kind !== 'gather') this.#counters.count(instruction);
    return begun;
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
    if (loaded?.copy !== this.#job.schedule.copyOf[microbatch]) return;
    const to = this.#live(loaded, microbatch, order);
    for (const port of ports) {
      const copy = this.#take(port, to);
      bytesOf(copy).set(bytesOf(from.tensors.get(port.name) as ChipTensor));
      to.tensors.set(port.name, copy);
    }
  }

  #end({ stage, microbatch }: Place): void {
    const { live } = this.#stages.get(stage) as LoadedStage;
    for (const data of live.get(microbatch)?.owned ?? []) this.#pool.give(data);
    live.delete(microbatch);
  }

  #loss({ stage, microbatch }: Place): number | undefined {
    const loaded = this.#stages.get(stage) as LoadedStage;
    if (!loaded.stage.loss) return undefined;
    return Number(loaded.live.get(microbatch)?.tensors.get(loaded.stage.loss)?.data[0]);
  }

  #channel(from: number, to: number, payload: Payload, stage: number): Channel {
    return this.#channels.get(channelName(from, to, payload, stage)) as Channel;
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

function loadGroup({ stages, parameters, holders, shares, exchange }: JobGroup, job: Job): LoadedGroup {
  const holder = holders.indexOf(job.chip);
  const states = parameters.map((parameter, index) => {
    const value = job.initial[parameter.name] ?? initialize(parameter, job.seed);
    const own = shares[holder].find((share) => share.parameter === index) ?? { start: 0, end: 0 };
    const state = new ParameterState(parameter, value, movedByMuon(parameter, job.optimizer), own);
    if (job.resumed) state.resume(job.resumed);
    return state;
  });
  return { stages, states, exchange: exchange && new Exchange(exchange, holder, shares, states) };
}

/** A parameter that no gradient reaches: there once on a chip, however many of its stages use it. */
function frozenTensor(parameter: FrozenParameter, known: Map<string, Float32Array>, job: Job): ChipTensor {
  const { name, shape } = parameter;
  const values = known.get(name) ?? job.frozen[name] ?? initialize(parameter, job.seed);
  known.set(name, values);
  return chipTensor('float32', values, shape);
}

function bindParameter(
  tensors: Map<string, ChipTensor>,
  { port, gradientPort, shape }: StageParameter,
  state: ParameterState,
): void {
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
