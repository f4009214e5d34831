/**
 * The main thread's side of a run: hands out the steps to the chips, takes in what they report, and asks them for the
 * snapshots that a run begins again from.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import { copyTensors } from '../chips/copy-tensors.ts';
import { adamwProgram, addProgram, averageProgram, squaresProgram } from '../compile/adamw.ts';
import { muonProgram } from '../compile/muon.ts';
import type { Port } from '../compile/program.ts';
import type { Stage } from '../compile/stages.ts';
import { KolbenError } from '../error.ts';
import { stagesOn } from '../schedule/instruction.ts';
import { channelsOf } from './channels-of.ts';
import { type CheckpointIdentity, encodeCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { exchangeMemory } from './exchange.ts';
import { ExchangeCounters } from './exchange-counters.ts';
import { findNonFinite } from './find-non-finite.ts';
import { checkIndexRanges, type IndexRange } from './index-ranges.ts';
import { initialize } from './initialize.ts';
import { inputsOf } from './inputs-of.ts';
import type { Job, JobGroup, MicrobatchOrder, StepReport } from './job.ts';
import { microbatchOrders } from './microbatch-orders.ts';
import { needsWholeParameters } from './optimizer.ts';
import { parameterGroups } from './parameter-groups.ts';
import { joinParts, joinStretches, type Parameters, type RunState } from './run-state.ts';
import { elementsOf } from './shares.ts';
import type { Stopwatch } from './stopwatch.ts';
import { liveTimeline, TelemetryRing } from './telemetry.ts';
import { Diverged, TrainError } from './train-error.ts';
import type { TrainOptions } from './train-options.ts';

/** Steps that are handed out before the first of them has been answered. */
const stepsAhead = 2;

/** What outlives the threads of a run. */
export interface History {
  /** One number for each step that has been told of. */
  readonly losses: number[];
  /** Steps that the run will have. */
  steps: number;
  /** Runs while steps are done, also those that a chip's death made vain. */
  readonly watch: Stopwatch;
  /** Where a run begins again; the very beginning if undefined. */
  latest: RunState | undefined;
  /** The checkpoint being written. */
  writing: Promise<void>;
}

/** The main thread's side of a run. */
export class Run {
  /** The reports of all chips in the latest steps. */
  readonly kept: StepReport[][] = [];
  readonly #options: TrainOptions;
  readonly #members: readonly Chip[];
  readonly #jobs: readonly Job[];
  readonly #rings: readonly TelemetryRing[];
  /** The number of elements of each parameter, by name. */
  readonly #shapes: ReadonlyMap<string, number>;
  /** All inputs of the model. */
  readonly #inputs: readonly Port[];
  readonly #joined = new Set<Chip>();
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  /** The first failure that isn't the consequence of another. */
  #failure: { readonly error: unknown } | undefined;
  readonly #ranges: readonly IndexRange[];
  readonly #identity: CheckpointIdentity;
  readonly #history: History;
  /** Losses of this life of the run, from the step at which it began. */
  readonly #losses: number[];
  /** Steps whose parameters have entered the mean. */
  #averaged: number;

  constructor(
    options: TrainOptions,
    stages: readonly Stage[],
    ranges: readonly IndexRange[],
    identity: CheckpointIdentity,
    history: History,
  ) {
    const { schedule, optimizer, seed } = options;
    const { latest } = history;
    const initial = latest?.values ?? options.initial ?? {};
    this.#options = options;
    this.#ranges = ranges;
    this.#identity = identity;
    this.#history = history;
    this.#losses = [...(latest?.losses ?? [])];
    this.#averaged = latest?.averaged ?? 0;
    this.#members = options.chips.slice(0, schedule.chips.length);
    this.#inputs = inputsOf(stages);
    this.#shapes = new Map(
      stages.flatMap(({ parameters }) => parameters.map((one) => [one.name, elementsOf(one)] as const)),
    );
    const channels = channelsOf(schedule, stages, options.bounds);
    const updatePrograms = {
      adamw: adamwProgram(optimizer),
      squares: squaresProgram(),
      average: averageProgram(),
      add: addProgram(),
      ...(optimizer.muon && {
        muonWide: muonProgram(optimizer.muon, 'wide'),
        muonTall: muonProgram(optimizer.muon, 'tall'),
      }),
    };
    const groups = parameterGroups(stages, schedule, needsWholeParameters(optimizer)).map(
      (group): JobGroup => (group.holders.length > 1 ? { ...group, exchange: exchangeMemory(group) } : group),
    );
    const counters = ExchangeCounters.memory(schedule);
    const steps = options.timelineSteps ?? 8;
    const telemetry = schedule.chips.map((list) => TelemetryRing.memory(list.length * (steps + stepsAhead)));
    this.#rings = telemetry.map((memory) => new TelemetryRing(memory));
    this.#jobs = schedule.chips.map((instructions, chip): Job => {
      const own = stagesOn(schedule, chip).map(({ stage, copy }) => ({ stage: stages[stage], copy }));
      const names = new Set(own.flatMap(({ stage }) => stage.parameters.map((parameter) => parameter.name)));
      const frozen = new Set(own.flatMap(({ stage }) => stage.frozen.map((parameter) => parameter.name)));
      return {
        chip,
        instructions,
        stages: own,
        groups: groups.filter(({ holders }) => holders.includes(chip)),
        schedule: { placement: schedule.placement, copyOf: schedule.copyOf, shared: schedule.shared },
        optimizer,
        updatePrograms,
        seed,
        channels: channels[chip],
        counters,
        telemetry: telemetry[chip],
        stop: this.#stop.buffer as SharedArrayBuffer,
        initial: only(initial, names),
        frozen: only(options.initial ?? {}, frozen),
        ...(latest
          ? {
              resumed: {
                first: only(latest.first, names),
                second: only(latest.second, names),
                means: only(latest.means, names),
              },
            }
          : {}),
      };
    });
  }

  /** Stops every chip at its next instruction, and wakes those that wait for another. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  async join(): Promise<void> {
    await this.#everyone(
      this.#members.map(async (chip, i) => {
        await chip.request('join', this.#jobs[i]);
        this.#joined.add(chip);
      }),
    );
  }

  async leave(): Promise<void> {
    const members = [...this.#joined];
    this.#joined.clear();
    await Promise.allSettled(members.map((chip) => chip.request('leave', undefined)));
  }

  async steps(): Promise<void> {
    const underWay: Promise<StepReport[]>[] = [];
    const history = this.#history;
    const begin = this.#losses.length;
    for (let step = begin; step < history.steps || underWay.length > 0; step++) {
      if (step < history.steps) {
        const reports = this.#handOut(step);
        // It may fail while an earlier step is being finished, before anybody waits for it.
        reports.catch(() => {});
        underWay.push(reports);
        if (this.#isSnapshotDue(step)) this.#takeSnapshot(step);
      }
      const first = step >= begin + stepsAhead - 1 ? underWay.shift() : undefined;
      if (first) await this.#finish(await first);
      this.#options.signal?.throwIfAborted();
    }
    await this.#snapshot;
    const { checkpoint } = this.#options;
    if (checkpoint && history.latest?.step !== this.#losses.length) {
      this.#takeSnapshot(this.#losses.length - 1);
      await this.#snapshot;
    }
    await history.writing;
  }

  /** The same error with the op that made the first such number. The run has stopped before it moved any weight. */
  async explain(error: Diverged): Promise<Diverged> {
    const { step, microbatch } = error;
    const { loss, seed, microbatches, bounds, initial = {} } = this.#options;
    try {
      const given = microbatches(step);
      const [{ extents }] = microbatchOrders([given[microbatch]], this.#inputs, bounds, step);
      const frozen = this.#jobs
        .flatMap(({ stages }) => stages.flatMap(({ stage }) => stage.frozen))
        .map((one) => [one.name, initial[one.name] ?? initialize(one, seed)] as const);
      const parameters = { ...Object.fromEntries(frozen), ...(await this.parameters(false)) };
      const inputs = given[microbatch];
      const [chip] = this.#members;
      const found = await findNonFinite({ loss, parameters, inputs, extents, seed, step, microbatch, chip });
      return found === undefined ? error : new Diverged(step, error, `: ${found}`);
    } catch {
      // What is known without it is worth more than why it could not be found out.
      return error;
    }
  }

  #isSnapshotDue(step: number): boolean {
    const { checkpoint, snapshotSteps = 64 } = this.#options;
    return (step + 1) % (checkpoint ? (checkpoint.everySteps ?? 64) : snapshotSteps) === 0;
  }

  /** The snapshot that is being taken. */
  #snapshot: Promise<void> = Promise.resolve();

  /** Asks for the state after `step`, the latest that was handed out, which chips answer before they go on. */
  #takeSnapshot(step: number): void {
    const averaged = this.#averaged;
    const parts = this.#everyone(this.#members.map((chip) => chip.request('state', undefined)));
    const before = this.#snapshot;
    const taken = (async () => {
      const all = joinParts((await parts).flat(), this.#shapes);
      await before;
      // The step's loss is told by its report, which may still be waited for.
      while (this.#losses.length <= step) await this.#nextFinished();
      const state: RunState = {
        ...all,
        step: step + 1,
        averaged,
        losses: this.#losses.slice(0, step + 1),
        seconds: this.#history.watch.seconds,
      };
      this.#history.latest = state;
      const { checkpoint } = this.#options;
      if (!checkpoint) return;
      await this.#history.writing;
      this.#history.writing = writeCheckpoint(checkpoint.file, encodeCheckpoint(state, this.#identity));
      this.#history.writing.catch((error) => {
        this.#failure ??= { error };
        this.stop();
      });
    })();
    taken.catch(() => {});
    this.#snapshot = taken;
  }

  /** Who waits for the next step to be finished. */
  #waiting: (() => void)[] = [];

  #nextFinished(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async parameters(averaged: boolean): Promise<Parameters> {
    const parts = await this.#everyone(this.#members.map((chip) => chip.request('parameters', { averaged })));
    return joinStretches(parts.flat(), this.#shapes);
  }

  memory(): Promise<{ parameters: number; activations: number }[]> {
    return this.#everyone(this.#members.map((chip) => chip.request('memory', undefined)));
  }

  async #handOut(step: number): Promise<StepReport[]> {
    const { microbatches, schedule, bounds, learningRate, averages } = this.#options;
    const given = microbatches(step);
    if (!Array.isArray(given))
      throw new TrainError(
        'train_microbatches',
        `\`microbatches\` gave no list for step ${step}; return ${schedule.microbatches} microbatches.`,
      );
    if (given.length !== schedule.microbatches)
      throw new TrainError(
        'train_microbatches',
        `Step ${step} was given ${given.length} microbatches; the schedule has ${schedule.microbatches}.`,
      );
    const orders = microbatchOrders(given, this.#inputs, bounds, step);
    checkIndexRanges(given, this.#ranges, step);
    const rate = learningRate(step);
    if (!(rate >= 0 && Number.isFinite(rate)))
      throw new TrainError(
        'train_rate',
        `The learning rate of step ${step} is ${rate}; it must be 0 or more.`,
      );
    const averageWeight = averages?.(step) ? 1 / ++this.#averaged : 0;
    return this.#everyone(
      this.#members.map((chip, i) => {
        const { stages } = this.#jobs[i];
        const memory: ArrayBuffer[] = [];
        const own: Record<number, MicrobatchOrder> = {};
        for (const [microbatch, { inputs, extents }] of orders.entries()) {
          const passed = stages.filter(({ copy }) => copy === schedule.copyOf[microbatch]);
          if (passed.length === 0) continue;
          const names = inputsOf(passed.map(({ stage }) => stage)).map((port) => port.name);
          own[microbatch] = { inputs: copyTensors(inputs, names, memory), extents };
        }
        const order = { step, learningRate: rate, averageWeight, microbatches: own };
        return chip.request('step', order, memory).then((report) => {
          if (report.diverged) throw new Diverged(step, report.diverged);
          return report;
        });
      }),
    );
  }

  async #finish(reports: StepReport[]): Promise<void> {
    const { step } = reports[0];
    const parts = reports.flatMap((report) => report.loss ?? []);
    const loss = parts.reduce((sum, part) => sum + part);
    this.#losses.push(loss);
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.kept.push(reports);
    if (this.kept.length > (this.#options.timelineSteps ?? 8)) this.kept.shift();
    // After a chip's death, steps are done again that have been told of.
    if (this.#losses.length <= this.#history.losses.length) return;
    this.#history.losses.push(loss);
    await this.#options.onStep?.({
      step,
      loss,
      parameters: ({ averaged = false } = {}) => this.parameters(averaged),
      timeline: () => liveTimeline(this.#options.schedule, this.#rings),
      shorten: (steps) => {
        this.#history.steps = Math.min(this.#history.steps, steps);
      },
    });
  }

  /** Everybody's answer. When one fails, the others are stopped and waited for before the failure is told. */
  async #everyone<T>(answers: Promise<T>[]): Promise<T[]> {
    // A chip that was stopped only says that another one failed.
    const isConsequence = (error: unknown) => KolbenError.isInstance(error) && error.code === 'run_stopped';
    for (const answer of answers) {
      answer.catch((error) => {
        // Another step's failure may be what stops this one.
        if (!isConsequence(error)) this.#failure ??= { error };
        this.stop();
      });
    }
    const settled = await Promise.allSettled(answers);
    const failures = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (failures.length === 0) return Promise.all(answers);
    throw failures.find((error) => !isConsequence(error)) ?? this.#failure?.error ?? failures[0];
  }
}

function only(all: Parameters, names: ReadonlySet<string>): Parameters {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
