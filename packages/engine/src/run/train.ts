/**
 * Trains a model over chips: cuts it, gives each chip its stages and its list of instructions, hands out the
 * steps. The main thread computes nothing.
 *
 * Steps are handed out ahead of time, so that a chip begins its next step before the others have finished
 * theirs; only the order of instructions and the tensors it waits for hold a chip back.
 *
 * @module
 */
import { Channel } from '../chips/channel.ts';
import type { Chip } from '../chips/chip.ts';
import { adamwProgram, averageProgram, squaresProgram } from '../compile/adamw.ts';
import type { Port } from '../compile/program.ts';
import { compileStages, type Stage } from '../compile/stages.ts';
import { KolbenError } from '../error.ts';
import { bytesPerElement, type TensorData } from '../graph/dtype.ts';
import type { Value } from '../graph/graph.ts';
import { evaluateDim } from '../graph/shape.ts';
import { checkSchedule } from '../schedule/check.ts';
import type { Instruction, Schedule } from '../schedule/instruction.ts';
import type { Span, Timeline } from '../simulate/timeline.ts';
import { channelName, type Job, type OptimizerOptions, type Parameters, type StepReport } from './job.ts';

/** The inputs of the model for one microbatch, by name. */
export type Microbatch = Readonly<Record<string, TensorData>>;

export interface TrainOptions {
  /** A single number, summed over microbatches: weigh examples by one over their number in the step. */
  readonly loss: Value;
  /** Blocks after which the model is cut; one fewer than the schedule has stages. */
  readonly cuts: readonly number[];
  readonly schedule: Schedule;
  /** At least as many as the schedule places stages on. */
  readonly chips: readonly Chip[];
  readonly steps: number;
  /** The microbatches of a step, as many as the schedule has. Their memory moves to the chips. Steps count from 0. */
  readonly microbatches: (step: number) => readonly Microbatch[];
  readonly learningRate: (step: number) => number;
  readonly optimizer: OptimizerOptions;
  /** The largest extent that each symbolic dimension will have: what channels are sized by. */
  readonly bounds: Readonly<Record<string, number>>;
  readonly seed: number;
  /** The first step after which parameters enter the running mean that is the result; default: no averaging. */
  readonly averageFrom?: number;
  /** Start values by parameter name; the others are drawn from the seed. */
  readonly initial?: Parameters;
  /** Called after each step, in order. What it returns is waited for before the step after next begins. */
  readonly onStep?: (event: StepEvent) => void | Promise<void>;
  /** Ends the run after the steps under way; `train` then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Steps of which the timeline is kept, the latest ones. Default 8. */
  readonly timelineSteps?: number;
}

export interface StepEvent {
  readonly step: number;
  readonly loss: number;
  /** Copies of the parameters as of the latest step handed out, or of their running mean. */
  readonly parameters: (options?: { averaged?: boolean }) => Promise<Parameters>;
}

export interface TrainResult {
  /** The running mean where averaging was asked for, else the last values. */
  readonly parameters: Parameters;
  readonly stages: readonly Stage[];
  /** One number a step. */
  readonly losses: readonly number[];
  /** The latest steps on all chips, in milliseconds from the first of them. */
  readonly timeline: Timeline;
  /** Wall time of all steps, without loading. */
  readonly seconds: number;
  /** Bytes by chip. */
  readonly memory: readonly { readonly parameters: number; readonly activations: number }[];
}

/** A run that cannot begin or cannot go on. */
export class TrainError extends KolbenError {}

/** Steps that are handed out before the first of them has been answered. */
const stepsAhead = 2;

/**
 * @throws GraphError for a model that cannot be cut so, ScheduleError for a schedule that would not run,
 * TrainError for inputs that don't fit the model or a loss that is not a number, ChipError for a dead chip.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { schedule, chips } = options;
  const stages = compileStages(options.loss, options.cuts);
  if (stages.length !== schedule.stages)
    throw new TrainError(
      'train_stages',
      `The schedule has ${schedule.stages} stages but the model is cut into ${stages.length}; give ${schedule.stages - 1} cuts.`,
    );
  checkSchedule(schedule);
  const used = schedule.chips.length;
  if (chips.length < used)
    throw new TrainError('train_chips', `The schedule needs ${used} chips and was given ${chips.length}.`);

  const stop = new SharedArrayBuffer(4);
  const stopFlag = new Int32Array(stop);
  const channels = channelsOf(schedule, stages, options.bounds);
  const updatePrograms = {
    adamw: adamwProgram(options.optimizer),
    squares: squaresProgram(),
    average: averageProgram(),
  };
  const members = chips.slice(0, used);
  const jobs = members.map(
    (_, chip): Job => ({
      chip,
      instructions: schedule.chips[chip],
      stages: stages.filter((stage) => schedule.placement[stage.index] === chip),
      optimizer: options.optimizer,
      updatePrograms,
      seed: options.seed,
      channels: channels(chip),
      stop,
      initial: options.initial ?? {},
    }),
  );

  /** Everybody's answer; when one fails, the others are woken and waited for before the failure is told. */
  const everyone = async <T>(answers: Promise<T>[]): Promise<T[]> => {
    for (const answer of answers) {
      answer.catch(() => {
        Atomics.store(stopFlag, 0, 1);
      });
    }
    const settled = await Promise.allSettled(answers);
    const failures = settled
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    // A chip that was stopped only says that another one failed.
    const cause = failures.find((error) => !(KolbenError.isInstance(error) && error.code === 'run_stopped'));
    if (failures.length > 0) throw cause ?? failures[0];
    return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
  };
  const parameters = async (averaged: boolean): Promise<Parameters> =>
    Object.assign({}, ...(await everyone(members.map((chip) => chip.request('parameters', { averaged })))));

  const losses: number[] = [];
  const kept: Span[][] = [];
  const averageFrom = options.averageFrom ?? Number.POSITIVE_INFINITY;

  const handOut = (step: number): Promise<StepReport[]> => {
    const microbatches = options.microbatches(step);
    validate(microbatches, schedule, stages, options.bounds, step);
    return everyone(
      members.map((chip, i) => {
        const names = new Set(jobs[i].stages.flatMap((stage) => stage.inputs.map((input) => input.name)));
        return chip.request('step', {
          step,
          learningRate: options.learningRate(step),
          averageWeight: step >= averageFrom ? 1 / (step - averageFrom + 1) : 0,
          microbatches: microbatches.map((inputs) =>
            Object.fromEntries(Object.entries(inputs).filter(([name]) => names.has(name))),
          ),
        });
      }),
    );
  };

  const finish = async (step: number, reports: StepReport[]): Promise<void> => {
    const loss = reports.find((report) => report.loss !== undefined)?.loss as number;
    if (!Number.isFinite(loss))
      throw new TrainError(
        'train_diverged',
        `The loss is ${loss} at step ${step}; use a lower learning rate.`,
      );
    losses.push(loss);
    kept.push(reports.flatMap((report) => [...report.spans]));
    if (kept.length > (options.timelineSteps ?? 8)) kept.shift();
    await options.onStep?.({ step, loss, parameters: ({ averaged = false } = {}) => parameters(averaged) });
  };

  try {
    await everyone(members.map((chip, i) => chip.request('join', jobs[i])));
    const begun = performance.now();
    const underWay: { step: number; reports: Promise<StepReport[]> }[] = [];
    try {
      for (let step = 0; step < options.steps && !options.signal?.aborted; step++) {
        underWay.push({ step, reports: handOut(step) });
        const first = underWay.length >= stepsAhead ? underWay.shift() : undefined;
        if (first) await finish(first.step, await first.reports);
      }
      for (let first = underWay.shift(); first; first = underWay.shift())
        await finish(first.step, await first.reports);
    } finally {
      await Promise.allSettled(underWay.map(({ reports }) => reports));
    }
    options.signal?.throwIfAborted();
    const seconds = (performance.now() - begun) / 1000;
    return {
      parameters: await parameters(options.averageFrom !== undefined),
      stages,
      losses,
      timeline: timelineOf(used, kept.flat()),
      seconds,
      memory: await everyone(members.map((chip) => chip.request('memory', undefined))),
    };
  } finally {
    await Promise.allSettled(members.map((chip) => chip.request('leave', undefined)));
  }
}

/** One channel for each pair of chips that a send connects; each holds all messages of a step, so no send waits. */
function channelsOf(schedule: Schedule, stages: readonly Stage[], bounds: Readonly<Record<string, number>>) {
  const capacities = new Map<string, { bytes: number; ends: [number, number] }>();
  schedule.chips.forEach((instructions, chip) => {
    for (const instruction of instructions) {
      if (instruction.kind !== 'send') continue;
      const { peer, payload, stage } = instruction;
      const name = channelName(chip, peer, payload);
      const ports = payload === 'activation' ? stages[stage].sends : stages[stage].sendsGradients;
      const bytes =
        (capacities.get(name)?.bytes ?? 0) + ports.reduce((sum, port) => sum + messageBytes(port, bounds), 0);
      capacities.set(name, { bytes, ends: [chip, peer] });
    }
  });
  const all = [...capacities].map(([name, { bytes, ends }]) => ({
    name,
    ends,
    memory: Channel.memory(bytes),
  }));
  return (chip: number) =>
    Object.fromEntries(
      all.filter(({ ends }) => ends.includes(chip)).map(({ name, memory }) => [name, memory]),
    );
}

function messageBytes(port: Port, bounds: Readonly<Record<string, number>>): number {
  try {
    const elements = port.shape.reduce<number>((product, dim) => product * evaluateDim(dim, bounds), 1);
    return elements * bytesPerElement[port.dtype] + 4 * port.shape.length;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TrainError(
      'train_bounds',
      `Channels cannot be sized: ${error.message}; add it to \`bounds\`.`,
      { cause: error },
    );
  }
}

/** Refuses a step's inputs before any chip sees them: a wrong shape would otherwise fail inside a kernel. */
function validate(
  microbatches: readonly Microbatch[],
  schedule: Schedule,
  stages: readonly Stage[],
  bounds: Readonly<Record<string, number>>,
  step: number,
): void {
  if (microbatches.length !== schedule.microbatches)
    throw new TrainError(
      'train_microbatches',
      `Step ${step} was given ${microbatches.length} microbatches; the schedule has ${schedule.microbatches}.`,
    );
  microbatches.forEach((inputs, microbatch) => {
    const bindings: Record<string, number> = {};
    for (const port of stages.flatMap((stage) => stage.inputs)) {
      const tensor = inputs[port.name];
      const where = `Input "${port.name}" of step ${step}, microbatch ${microbatch}`;
      if (!tensor) throw new TrainError('train_inputs', `${where} is missing.`);
      const { dims } = tensor;
      const fits =
        dims.length === port.shape.length &&
        dims.every((extent, axis) => {
          const dim = port.shape[axis];
          if (typeof dim === 'number') return dim === extent;
          if (dim.includes('*')) return true;
          bindings[dim] ??= extent;
          return bindings[dim] === extent;
        });
      if (!fits)
        throw new TrainError(
          'train_inputs',
          `${where} is (${dims.join(', ')}); the model expects (${port.shape.join(', ')}).`,
        );
    }
    for (const [symbol, extent] of Object.entries(bindings)) {
      if (bounds[symbol] !== undefined && extent > bounds[symbol])
        throw new TrainError(
          'train_bounds',
          `Dimension ${symbol} is ${extent} in step ${step}, above its bound of ${bounds[symbol]}; raise the bound.`,
        );
    }
  });
}

/** Spans on a clock that begins with the first; instructions that took no part in the picture are left out. */
function timelineOf(chips: number, spans: readonly Span[]): Timeline {
  const zero = Math.min(...spans.map((span) => span.start));
  const isWork = (kind: Instruction['kind']) => kind !== 'allReduce';
  return {
    chips,
    spans: spans
      .filter((span) => isWork(span.kind) && span.end > span.start)
      .map((span) => ({ ...span, start: span.start - zero, end: span.end - zero })),
  };
}
