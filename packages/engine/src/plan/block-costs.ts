/**
 * What each block of a model costs, measured on an actual chip by the very programs that a run would execute.
 *
 * @module
 */
import { possibleCuts } from '../compile/possible-cuts.ts';
import { type TrainOptions, train } from '../run/train.ts';
import { sequential } from '../schedule/sequential.ts';
import { median } from '../simulate/median.ts';
import type { Span, Timeline } from '../simulate/timeline.ts';

/** The run that `measureBlocks` takes times of. */
export interface MeasureOptions
  extends Pick<TrainOptions, 'loss' | 'chips' | 'microbatches' | 'optimizer' | 'bounds' | 'seed' | 'signal'> {
  /** Steps that count. Default 5. */
  readonly steps?: number;
  /** Steps before them, which memory that is touched for the first time makes slow. Default 3. */
  readonly warmUp?: number;
}

/** What each block of a model costs in a step. */
export interface BlockCosts {
  /** The names of the model's blocks. */
  readonly blocks: readonly string[];
  /**
   * Milliseconds of each block in a step: F, B and W of all microbatches, and the update. Where blocks cannot be
   * separated, the last of them carries the cost of all.
   */
  readonly costs: readonly number[];
  /** The blocks after which the model can be cut: what `partition` may choose from. */
  readonly cuts: readonly number[];
}

/**
 * Trains for a few steps on the first of `chips`, with every block a stage and a learning rate of zero, and takes
 * the median of the steps. The weights are thrown away.
 *
 * A block's cost includes the copy of what it hands to the next, which a cut would turn into a transfer.
 *
 * @throws what `train` throws.
 */
export async function measureBlocks(options: MeasureOptions): Promise<BlockCosts> {
  const { steps = 5, warmUp = 3, microbatches, loss } = options;
  const cuts = possibleCuts(loss);
  const first = microbatches(0);
  const { timeline } = await train({
    ...options,
    cuts,
    schedule: sequential({ stages: cuts.length + 1, microbatches: first.length }),
    steps: warmUp + steps,
    microbatches: (step) => (step === 0 ? first : microbatches(step)),
    learningRate: () => 0,
    timelineSteps: steps,
  });
  const { blocks } = loss.graph;
  const costs = blocks.map(() => 0);
  [...cuts, blocks.length - 1].forEach((block, stage) => {
    costs[block] = median(timePerStep(timeline, stage));
  });
  return { blocks: blocks.map(({ name }) => name), costs, cuts };
}

/** Milliseconds of work on a stage, by step. */
function timePerStep({ spans }: Timeline, stage: number): number[] {
  const times = new Map<number, number>();
  for (const span of spans.filter((one) => one.stage === stage))
    times.set(span.step, (times.get(span.step) ?? 0) + lengthOf(span));
  return [...times.values()];
}

function lengthOf({ start, end }: Span): number {
  return end - start;
}
