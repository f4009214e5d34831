/**
 * What each piece of a model takes, measured on the actual chips by the very programs that a run executes, all chips
 * at work at once: they slow each other down, and in a run they will.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import { possibleCuts } from '../compile/possible-cuts.ts';
import type { Stage } from '../compile/stages.ts';
import type { Value } from '../graph/graph.ts';
import type { Microbatch } from '../run/microbatch-orders.ts';
import { needsWholeParameters } from '../run/optimizer.ts';
import { parameterGroups } from '../run/parameter-groups.ts';
import { type TrainOptions, type TrainResult, train } from '../run/train.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { replicas } from '../schedule/replicas.ts';
import { sequential } from '../schedule/sequential.ts';
import { costsOf } from '../simulate/costs-of.ts';
import { median } from '../simulate/median.ts';
import type { Span, Timeline } from '../simulate/timeline.ts';
import { dividedUpdates } from './divided-updates.ts';
import { handedOut } from './handed-out.ts';
import type { ModelCosts, PieceCost } from './model-costs.ts';
import { partition } from './partition.ts';
import { PlanError } from './plan-error.ts';
import { bytesOf, simulatedStep } from './predict-step.ts';
import { steadyStep } from './steady-step.ts';
import { stepCosts } from './step-costs.ts';

/** The run that `measureModel` takes times of. */
export interface MeasureModelOptions extends Pick<TrainOptions, 'optimizer' | 'bounds' | 'seed' | 'signal'> {
  /** The model, built anew for each call: a graph is compiled once. */
  readonly loss: () => Value;
  readonly chips: readonly Chip[];
  /** The microbatches of a step. */
  readonly microbatches: (step: number) => readonly Microbatch[];
  /** Whether the forward pass is computed again in the backward pass. Default false. */
  readonly recompute?: boolean;
  /** Measures only what schedules need that give the bits of one chip: no exchange of gradients. Default false. */
  readonly sameBits?: boolean;
  /** Steps that count, 2 or more. Default 6. */
  readonly steps?: number;
  /** Steps before them, which memory that is touched for the first time makes slow. Default 3. */
  readonly warmUp?: number;
  /**
   * Steps that the run will have. Where several chips could save it less than measuring them takes, one is measured
   * only. Default: any number.
   */
  readonly runSteps?: number | undefined;
}

/** Measuring the ways to use several chips takes so many times what measuring one chip took. */
const timesOfOne = 5;

/** Waking a thread takes some tens of microseconds on Linux; how it varies is within `strain`. */
const wake = 0.04;

/**
 * Trains for a few steps with a learning rate of zero: on one chip alone; then on every chip by itself, all at once,
 * first with every piece a stage, then with the model as one, from which it follows what is saved by sharing a stage;
 * then as a pipeline over all of them, and as replicas. The first and the last two say what a simulation leaves out.
 *
 * Where there is but one chip, or one is all that the run is worth, the costs are those of one chip, and the model is
 * one piece.
 *
 * @throws PlanError (`plan_steps`) for fewer than 2 steps that count, and what `train` throws.
 */
export async function measureModel(options: MeasureModelOptions): Promise<ModelCosts> {
  const {
    loss,
    chips,
    recompute = false,
    sameBits = false,
    bounds,
    optimizer,
    steps = 6,
    warmUp = 3,
    runSteps = Number.POSITIVE_INFINITY,
  } = options;
  if (!(Number.isInteger(steps) && steps >= 2))
    throw new PlanError('plan_steps', `A step cannot be measured in ${steps} of them; give 2 or more.`);
  const microbatches = options.microbatches(0).length;
  const host = { ms: 0, steps: 0 };

  const run = (on: readonly Chip[], cut: readonly number[], schedule: Schedule) =>
    train({
      optimizer,
      bounds,
      seed: options.seed,
      signal: options.signal,
      loss: loss(),
      cuts: cut,
      recompute,
      chips: on,
      schedule,
      steps: warmUp + steps,
      microbatches: (step) => {
        const begun = performance.now();
        const given = options.microbatches(step);
        if (step >= warmUp) {
          host.ms += performance.now() - begun;
          host.steps++;
        }
        return given;
      },
      learningRate: () => 0,
      timelineSteps: steps,
    });
  const wholeParameters = needsWholeParameters(optimizer);
  const onEach = (cut: readonly number[]) => {
    const schedule = sequential({ stages: cut.length + 1, microbatches });
    return Promise.all(chips.map((chip) => run([chip], cut, schedule)));
  };
  const measuredOf = (pieces: readonly TrainResult[], whole: PieceCost, on: readonly Chip[]) => {
    const [{ stages }] = pieces;
    const costs = pieceCosts(pieces, wholeParameters);
    return {
      chips: on.length,
      threads: Math.max(...on.map(({ threads }) => threads)),
      microbatches,
      recompute,
      pieces: stages.map(({ blocks }) => blocks),
      ends: endsOf(stages),
      costs,
      perProgram: savedByProgram(costs, whole),
      receive: { message: 0, byte: 0 },
      exchange: { scatter: 0, sum: 0, gather: 0 },
      wake,
      host: 0,
    };
  };
  const strainOf = ({ timeline, schedule, stages }: TrainResult, measured: Omit<ModelCosts, 'strain'>) => {
    const simulated = simulatedStep({ schedule, stages, bounds }, measured).ms;
    return simulated > 0 ? steadyStep(timeline, warmUp).ms / simulated : 1;
  };
  const hostMs = () => (host.steps === 0 ? 0 : host.ms / host.steps);

  const begun = performance.now();
  const [first] = chips;
  const alone = await run([first], [], sequential({ stages: 1, microbatches }));
  const spent = performance.now() - begun;
  const perStep = steadyStep(alone.timeline, warmUp).ms;
  const saving = runSteps * perStep * (1 - 1 / chips.length);
  if (chips.length === 1 || saving < timesOfOne * spent) {
    const [whole] = pieceCosts([alone], wholeParameters);
    const measured = { ...measuredOf([alone], whole, [first]), host: hostMs() };
    return { ...measured, strain: { alone: strainOf(alone, measured), pipeline: 1, exchange: 1 } };
  }

  const cuts = possibleCuts(loss());
  const inPieces = await onEach(cuts);
  const [whole] = pieceCosts(cuts.length === 0 ? inPieces : await onEach([]), wholeParameters);
  const measured = measuredOf(inPieces, whole, chips);
  const { ends } = measured;
  const strain = { alone: strainOf(alone, measured), pipeline: 1, exchange: 1 };
  if (chips.length <= ends.length) {
    const cut = partition(stepCosts(measured), chips.length).map((piece) => ends[piece]);
    const piped = await run(
      chips,
      cut,
      oneFOneB({ stages: chips.length, microbatches, eagerGradients: true }),
    );
    measured.receive = receiving(piped, bounds);
    strain.pipeline = strainOf(piped, measured);
    strain.exchange = strain.pipeline;
  }
  if (!sameBits && microbatches % chips.length === 0) {
    const copied = await run(chips, [], replicas({ replicas: chips.length, stages: 1, microbatches }));
    measured.exchange = exchangedByElement(copied, whole.update);
    strain.exchange = strainOf(copied, measured);
  }
  measured.host = hostMs();
  return { ...measured, strain };
}

/** The last block of each stage. */
function endsOf(stages: readonly Stage[]): number[] {
  return stages.map((_, last) => stages.slice(0, last + 1).flatMap(({ blocks }) => blocks).length - 1);
}

/** The costs of each stage, from runs of the same stages on single chips: the median of the chips. */
function pieceCosts(runs: readonly TrainResult[], wholeParameters: boolean): PieceCost[] {
  const perChip = runs.map(({ timeline }) => costsOf(timeline));
  const [{ stages, schedule }] = runs;
  const costs = stages.map((_, stage): PieceCost => {
    const of = (kind: keyof PieceCost) =>
      median(perChip.map((costs) => (costs[kind] as readonly number[])[stage] ?? 0));
    return {
      forward: of('forward'),
      backwardInput: of('backwardInput'),
      backwardWeight: of('backwardWeight'),
      update: of('update'),
    };
  });
  const updates = dividedUpdates(
    costs.map(({ update }) => update),
    parameterGroups(stages, schedule, wholeParameters),
    schedule.chips[0],
  );
  return costs.map((cost, stage) => ({ ...cost, update: updates[stage] }));
}

/** What one program fewer saves, from the costs of all pieces and of the model as a whole. */
function savedByProgram(costs: readonly PieceCost[], whole: PieceCost): PieceCost {
  const saved = (of: (cost: PieceCost) => number) =>
    costs.length === 1
      ? 0
      : Math.max(0, costs.reduce((total, cost) => total + of(cost), -of(whole)) / (costs.length - 1));
  // The first stage has no B: its work is all in W.
  const backward = saved((cost) => cost.backwardInput + cost.backwardWeight) / 2;
  return {
    forward: saved(({ forward }) => forward),
    backwardInput: backward,
    backwardWeight: backward,
    update: saved(({ update }) => update),
  };
}

/**
 * A byte as a copy of many takes it; what the messages of the pipeline took beyond that, which may have been small, is
 * charged to each of them.
 */
function receiving(
  { timeline, stages }: { timeline: Timeline; stages: readonly Stage[] },
  bounds: Readonly<Record<string, number>>,
): ModelCosts['receive'] {
  const received = timeline.spans.filter(({ kind }) => kind === 'receive');
  if (received.length === 0) return { message: 0, byte: 0 };
  const bytes = received.reduce((sum, { stage, payload }) => {
    const { receives, receivesGradients } = stages[stage];
    return sum + bytesOf(payload === 'activation' ? receives : receivesGradients, bounds);
  }, 0);
  const byte = msPerByte();
  return { message: Math.max(0, totalOf(received) - bytes * byte) / received.length, byte };
}

/** Of a copy out of shared memory that no cache holds. */
function msPerByte(): number {
  const bytes = 2 ** 23;
  const [from, to] = [new Uint8Array(new SharedArrayBuffer(bytes)), new Uint8Array(bytes)];
  from.fill(1);
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now();
    to.set(from);
    return performance.now() - begun;
  });
  return median(times) / bytes;
}

/** @param update milliseconds of the update of the whole model on one chip */
function exchangedByElement(
  { timeline, stages, schedule }: TrainResult,
  update: number,
): ModelCosts['exchange'] {
  const elements = handedOut(stages, schedule).reduce((sum, handed) => sum + handed, 0);
  if (elements === 0) return { scatter: 0, sum: 0, gather: 0 };
  const steps = new Set(timeline.spans.map(({ step }) => step)).size;
  const perChip = (kind: Span['kind']) =>
    totalOf(timeline.spans.filter((span) => span.kind === kind)) / (steps * timeline.chips);
  return {
    scatter: perChip('scatter') / elements,
    sum: Math.max(0, perChip('update') - update / timeline.chips) / elements,
    gather: perChip('gather') / elements,
  };
}

function totalOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0);
}
