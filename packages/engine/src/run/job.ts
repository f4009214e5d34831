/**
 * What the main thread sends to a chip that takes part in a run, and what comes back. Plain data.
 *
 * @module
 */
import type { Program } from '../compile/program.ts';
import type { Stage } from '../compile/stages.ts';
import type { TensorData } from '../graph/dtype.ts';
import type { Instruction, Schedule } from '../schedule/instruction.ts';
import type { ExchangeMemory } from './exchange.ts';
import type { OptimizerOptions } from './optimizer.ts';
import type { ParameterGroup } from './parameter-groups.ts';
import type { Parameters, RunState } from './run-state.ts';

/** A chip's part in a run. */
export interface Job {
  readonly chip: number;
  readonly instructions: readonly Instruction[];
  /** The stages that live on this chip. */
  readonly stages: readonly JobStage[];
  /** The parameters that live on this chip. */
  readonly groups: readonly JobGroup[];
  /** Where everything lives. */
  readonly schedule: Pick<Schedule, 'placement' | 'copyOf' | 'shared'>;
  readonly optimizer: OptimizerOptions;
  readonly updatePrograms: UpdatePrograms;
  readonly seed: number;
  /** Channels by `channelName`. */
  readonly channels: Readonly<Record<string, SharedArrayBuffer>>;
  /** Of `ExchangeCounters`, one for the whole run. */
  readonly counters: SharedArrayBuffer;
  /** A ring into which the chip writes what it has done: see `TelemetryRing`. */
  readonly telemetry: SharedArrayBuffer;
  /** One flag for the whole run; anything but 0 stops it. */
  readonly stop: SharedArrayBuffer;
  /** Start values of the chip's parameters, by name; the others are drawn from the seed. */
  readonly initial: Parameters;
  /** Values of the chip's parameters that stay as they are, by name; the others are drawn from the seed. */
  readonly frozen: Parameters;
  /** Where an earlier run has come to; then all parameters of the chip are in `initial`. */
  readonly resumed?: Pick<RunState, 'first' | 'second' | 'means'>;
}

/** A copy of a stage. */
export interface JobStage {
  readonly stage: Stage;
  readonly copy: number;
}

export interface JobGroup extends ParameterGroup {
  /** What the holders exchange, where there are several. */
  readonly exchange?: ExchangeMemory;
}

export interface UpdatePrograms {
  readonly adamw: Program;
  readonly squares: Program;
  readonly average: Program;
  readonly add: Program;
  /** Where there is Muon. */
  readonly muonWide?: Program;
  readonly muonTall?: Program;
}

/** One step's orders. */
export interface StepOrder {
  readonly step: number;
  readonly learningRate: number;
  /** By number; those that pass other chips only are left out. */
  readonly microbatches: Readonly<Record<number, MicrobatchOrder>>;
  /** Weight of this step's parameters in the running mean, 1/n for the n-th; 0 leaves the mean alone. */
  readonly averageWeight: number;
}

export interface MicrobatchOrder {
  /** By name; a chip is sent what its stages read. */
  readonly inputs: Readonly<Record<string, TensorData>>;
  /** The extents of all symbolic dimensions. */
  readonly extents: Readonly<Record<string, number>>;
}

export interface StepReport {
  readonly step: number;
  /** The sum of the losses of the chip's microbatches; undefined on chips that make none. */
  readonly loss: number | undefined;
  /** The microbatch whose loss is not a number: the chip has stopped there, before any weight of the step moved. */
  readonly diverged?: { readonly microbatch: number; readonly loss: number };
  /**
   * When each instruction of the chip's list began and ended, one after the other, in milliseconds on a clock that
   * all chips share. Waiting for another chip isn't part of it.
   */
  readonly times: Float64Array;
}

/** A stretch of a parameter, from element `start`: what a chip answers for. */
export interface ParameterPart {
  readonly name: string;
  readonly start: number;
  readonly values: Float32Array;
}

/** The channel from one chip to another for what a stage sends. */
export function channelName(
  from: number,
  to: number,
  payload: 'activation' | 'gradient',
  stage: number,
): string {
  return `${payload} ${from}>${to} of stage ${stage}`;
}
