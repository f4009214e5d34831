/**
 * Trains a model over chips: cuts it, gives each chip its stages and its list of instructions, hands out the
 * steps. The main thread computes nothing.
 *
 * Steps are handed out ahead of time, so that a chip begins its next step before the others have finished
 * theirs; only the order of instructions and the tensors it waits for hold a chip back.
 *
 * @module
 */
import { compileStages, type Stage } from '../compile/stages.ts';
import { checkSchedule } from '../schedule/check.ts';
import type { Schedule } from '../schedule/instruction.ts';
import type { Timeline } from '../simulate/timeline.ts';
import { checkStages } from './check-stages.ts';
import { checkTrainOptions } from './check-train-options.ts';
import { type CheckpointIdentity, decodeCheckpoint, readIfThere } from './checkpoint.ts';
import { indexRanges } from './index-ranges.ts';
import { type History, Run } from './live-run.ts';
import { type ChipMemory, checkMemory, memoryOf } from './memory.ts';
import { movedByMuon } from './optimizer.ts';
import type { Parameters } from './run-state.ts';
import { scheduleFor } from './schedule-for.ts';
import { Stopwatch } from './stopwatch.ts';
import { timelineOf } from './timeline-of.ts';
import { Diverged } from './train-error.ts';
import type { TrainOptions } from './train-options.ts';

export type { CheckpointOptions, StepEvent, TrainOptions } from './train-options.ts';

/** What a run has come to. */
export interface TrainResult {
  /**
   * The running mean where averaging was asked for, else the last values; without those that are frozen, which are
   * what they were.
   */
  readonly parameters: Parameters;
  readonly stages: readonly Stage[];
  /** As it was executed, with the exchanges that the stages' common parameters ask for. */
  readonly schedule: Schedule;
  /** One number a step. */
  readonly losses: readonly number[];
  /** The latest steps on all chips, in milliseconds from the first of them. */
  readonly timeline: Timeline;
  /** The step from which the run went on, because there was a checkpoint; else 0. */
  readonly resumedAt: number;
  /** How often a chip died and was replaced. */
  readonly replaced: number;
  /**
   * Wall time of all steps, without loading. Of a run that went on from a checkpoint: with what earlier processes took
   * up to that checkpoint, without the time in between.
   */
  readonly seconds: number;
  /** Bytes by chip: parameters with their optimizer state, and what is kept for activations. */
  readonly memory: readonly { readonly parameters: number; readonly activations: number }[];
}

/** How often chips may die before a run has come any further. */
const deathsInARow = 3;

/**
 * Trains on the first of `chips`, as many as the schedule needs. However it ends, the chips are free again
 * afterwards. A chip whose thread dies is given another, and the steps since the last snapshot are done again.
 *
 * @throws GraphError for a model that cannot be cut so, ScheduleError for a schedule that would not run,
 * TrainError for inputs that don't fit the model or a loss that is not a number, ChipError for a chip that dies
 * again and again or one that takes part in another run, CheckpointError for a checkpoint that is damaged or of
 * another run.
 */
export async function train(given: TrainOptions): Promise<TrainResult> {
  const { signal, checkpoint } = given;
  signal?.throwIfAborted();
  checkTrainOptions(given);
  const ranges = indexRanges(given.loss);
  const stages = compileStages(given.loss, given.cuts, { recompute: given.recompute });
  checkStages(given, stages);
  const schedule = scheduleFor(stages, given.schedule);
  checkSchedule(schedule);
  const options: TrainOptions = { ...given, schedule };
  const { memoryLimit } = options;
  if (memoryLimit !== undefined) checkMemory(memoryNeeds(options, stages), memoryLimit);
  const identity = identityOf(options, stages);
  const written = checkpoint && (await readIfThere(checkpoint.file));
  const resumed = written && decodeCheckpoint(written, checkpoint.file, identity);
  const history: History = {
    losses: [...(resumed?.losses ?? [])],
    steps: options.steps,
    watch: new Stopwatch(resumed?.seconds),
    latest: resumed,
    writing: Promise.resolve(),
  };
  let replaced = 0;
  for (let deaths = 0; ; ) {
    const before = history.losses.length;
    const run = new Run(options, stages, ranges, identity, history);
    const abort = () => run.stop();
    signal?.addEventListener('abort', abort);
    try {
      await run.join();
      history.watch.start();
      await run.steps().finally(() => history.watch.stop());
      return {
        parameters: await run.parameters(options.averages !== undefined),
        stages,
        schedule,
        losses: history.losses,
        timeline: timelineOf(schedule, run.kept),
        resumedAt: resumed?.step ?? 0,
        replaced,
        seconds: history.watch.seconds,
        memory: await run.memory(),
      };
    } catch (error) {
      run.stop();
      signal?.throwIfAborted();
      if (error instanceof Diverged) throw await run.explain(error);
      deaths = history.losses.length > before ? 1 : deaths + 1;
      const dead = options.chips.slice(0, schedule.chips.length).filter((chip) => chip.isDead);
      if (dead.length === 0 || deaths > deathsInARow) throw error;
      await run.leave();
      for (const chip of dead) chip.restart();
      replaced += dead.length;
    } finally {
      signal?.removeEventListener('abort', abort);
      await run.leave();
      // Whoever begins the next run on the same file must not meet the writer of this one.
      await history.writing.catch(() => {});
    }
  }
}

/** What a run with these options needs on each chip. */
export function memoryNeeds(
  {
    schedule,
    bounds,
    averages,
    optimizer,
  }: Pick<TrainOptions, 'schedule' | 'bounds' | 'averages' | 'optimizer'>,
  stages: readonly Stage[],
): ChipMemory[] {
  return memoryOf({ schedule, stages, bounds, averages: averages !== undefined, optimizer });
}

function identityOf(
  { seed, checkpoint, optimizer }: TrainOptions,
  stages: readonly Stage[],
): CheckpointIdentity {
  return {
    seed,
    of: checkpoint?.of ?? '',
    shapes: new Map(stages.flatMap(({ parameters }) => parameters.map(({ name, shape }) => [name, shape]))),
    muon: new Set(
      stages.flatMap(({ parameters }) =>
        parameters.filter((one) => movedByMuon(one, optimizer)).map(({ name }) => name),
      ),
    ),
  };
}
