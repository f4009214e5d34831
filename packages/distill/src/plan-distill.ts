/**
 * How a student would be trained from examples, without training it.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { type Plan, type PlanProgress, startChip } from '@kolben/engine';
import { openBase } from './base/open-base.ts';
import { freezeDataset } from './datasets/freeze-dataset.ts';
import { ofKind, taskOf } from './describe-task.ts';
import { checkBaseOptions, checkOptions, type DistillOptions } from './distill-options.ts';
import { familyFor, familyOn } from './students/families.ts';

export interface PlanDistillOptions
  extends Pick<
    DistillOptions,
    | 'examples'
    | 'kind'
    | 'schema'
    | 'chips'
    | 'seed'
    | 'source'
    | 'memoryLimit'
    | 'base'
    | 'lowRank'
    | 'fetchBase'
    | 'signal'
  > {
  /**
   * Weighs only what `distill` chooses from: what gives the bits of one chip of one core, with the recipe's number of
   * microbatches. Default false.
   */
  readonly sameBits?: boolean;
  readonly onProgress?: (progress: PlanProgress) => void;
}

/**
 * Freezes the dataset as `distill` does, measures the blocks of the student, or of the base that it stands on, on the chips and weighs the ways to spread
 * them.
 *
 * @throws KolbenError for examples or options that `distill` would refuse, PlanError when nothing fits the memory.
 */
export async function planDistill(options: PlanDistillOptions): Promise<Plan> {
  const { kind, seed = 0, source, signal, memoryLimit, sameBits = false, onProgress } = options;
  const chipCount = options.chips ?? Math.min(2, availableParallelism());
  checkOptions({ alpha: 0.05, delta: 0.05, seed, timeBudget: 1, chips: chipCount });
  checkBaseOptions(options);
  const { examples } = options;
  const dataset =
    'splits' in examples
      ? ofKind(examples, kind)
      : await freezeDataset(examples, { seed, kind, source, signal });
  const { studentTask: task } = taskOf('task', dataset, options);
  const base =
    options.base === undefined ? undefined : await openBase(options.base, { ...options.fetchBase, signal });
  const family = base ? await familyOn(base, task.kind) : familyFor(task.kind);
  const chips = await Promise.all(Array.from({ length: chipCount }, (_, i) => startChip(i)));
  try {
    return await family.plan({
      ...{ task, train: dataset.splits.train, chips, seed, signal, memoryLimit, sameBits },
      base: base && { ...base, lowRank: options.lowRank },
      onPlanProgress: onProgress,
    });
  } finally {
    await Promise.all(chips.map((chip) => chip.close()));
  }
}
