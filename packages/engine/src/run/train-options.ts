/**
 * What a run is asked for, and what it tells on its way.
 *
 * @module
 */
import type { Chip } from '../chips/chip.ts';
import type { CompileOptions } from '../compile/stages.ts';
import type { Value } from '../graph/graph.ts';
import type { Schedule } from '../schedule/instruction.ts';
import type { Timeline } from '../simulate/timeline.ts';
import type { Microbatch } from './microbatch-orders.ts';
import type { OptimizerOptions } from './optimizer.ts';
import type { Parameters } from './run-state.ts';

/** A run: the model, how it is spread over chips, its data and its optimizer. */
export interface TrainOptions {
  /** A single number, summed over microbatches: weigh examples by one over their number in the step. */
  readonly loss: Value;
  /** Blocks after which the model is cut; one fewer than the schedule has stages. */
  readonly cuts: readonly number[];
  /** For as many stages as there are; if they share parameters, exchanges are put in: see `withExchanges`. */
  readonly schedule: Schedule;
  /** At least as many as the schedule places stages on. */
  readonly chips: readonly Chip[];
  readonly steps: number;
  /**
   * The microbatches of a step, as many as the schedule has. They are copied at once, so their memory may be used
   * again for the next step. Steps count from 0.
   */
  readonly microbatches: (step: number) => readonly Microbatch[];
  /** The rate of each step, 0 or more. */
  readonly learningRate: (step: number) => number;
  readonly optimizer: OptimizerOptions;
  /** The largest extent that each symbolic dimension will have: what channels are sized by. */
  readonly bounds: Readonly<Record<string, number>>;
  readonly seed: number;
  /** Whether the parameters after a step enter the running mean that is the result; default: there is no mean. */
  readonly averages?: (step: number) => boolean;
  /** Start values by parameter name; the others are drawn from the seed. */
  readonly initial?: Parameters;
  /** Called after each step, in order. What it returns is waited for before the step after next begins. */
  readonly onStep?: (event: StepEvent) => void | Promise<void>;
  /** Ends the run after the instructions under way; `train` then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Steps of which the timeline is kept, the latest ones. Default 8. */
  readonly timelineSteps?: number;
  /** Whether stages compute their forward pass again instead of keeping what it made: all, or by stage. Default no. */
  readonly recompute?: CompileOptions['recompute'];
  /** Bytes that each chip may use, one number for all or one for each: the run is refused if it would need more. */
  readonly memoryLimit?: number | readonly number[];
  /** Where the run's state is kept, so that it survives its process. Default: nowhere. */
  readonly checkpoint?: CheckpointOptions;
  /**
   * How often the state is copied to the main thread, in steps: where a run begins again when a chip's thread has
   * died. Default 64; with checkpoints, as often as they are written.
   */
  readonly snapshotSteps?: number;
}

/** Where and how often a run's state is kept. */
export interface CheckpointOptions {
  /**
   * If it is there, the run goes on from it, on whatever chips and schedule, to the very weights that it would have
   * had. It stays after the run's end, and is then the run's result.
   *
   * So `microbatches` must be a function of the step alone: steps are asked for again.
   */
  readonly file: string;
  /** Steps from one checkpoint to the next. Default 64. There is also one after the last step. */
  readonly everySteps?: number;
  /** What else a run must have in common with the checkpoint that it goes on from: a digest of the data, say. */
  readonly of?: string;
}

/** What `onStep` is told after each step. */
export interface StepEvent {
  readonly step: number;
  readonly loss: number;
  /** Copies of the parameters as of the latest step handed out, or of their running mean. */
  readonly parameters: (options?: { averaged?: boolean }) => Promise<Parameters>;
  /**
   * What the chips have done up to this moment, in the latest steps and the one under way, read from their memory
   * without asking them.
   */
  readonly timeline: () => Timeline;
  /** Lets the run end after so many steps in all, where that is fewer; those handed out are finished. */
  readonly shorten: (steps: number) => void;
}
