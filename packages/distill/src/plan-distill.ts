/**
 * How a student would be trained from examples, without training it.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { type Plan, startChip } from '@kolben/engine';
import { freezeDataset } from './datasets/freeze-dataset.ts';
import { checkOptions, type DistillOptions } from './distill.ts';
import { wordsAndBag } from './students/recipe.ts';
import { planStudent } from './students/train-student.ts';

export interface PlanDistillOptions
  extends Pick<DistillOptions, 'examples' | 'kind' | 'chips' | 'seed' | 'source' | 'signal'> {
  /** Bytes that each chip may use. Default: no limit. */
  readonly memoryLimit?: number;
  /** Weighs only what `distill` chooses from: schedules that give the bits of one chip. Default false. */
  readonly sameBits?: boolean;
}

/**
 * Freezes the dataset as `distill` does, measures the student's blocks on the chips and weighs the ways to spread
 * them.
 *
 * @throws KolbenError for examples or options that `distill` would refuse, PlanError when nothing fits the memory.
 */
export async function planDistill(options: PlanDistillOptions): Promise<Plan> {
  const { kind = 'classify', seed = 0, source, signal, memoryLimit, sameBits = false } = options;
  const chipCount = options.chips ?? Math.min(2, availableParallelism());
  checkOptions({ alpha: 0.05, delta: 0.05, seed, timeBudget: 1, chips: chipCount });
  const { splits, labels } = await freezeDataset(options.examples, { seed, kind, source, signal });
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const chips = await Promise.all(Array.from({ length: chipCount }, (_, i) => startChip(i)));
  try {
    return await planStudent({
      train: splits.train.map(({ text, answer }) => ({ text, label: numbers.get(answer) ?? -1 })),
      classes: labels.length,
      recipe: wordsAndBag,
      chips,
      seed,
      signal,
      memoryLimit,
      anySchedule: !sameBits,
    });
  } finally {
    await Promise.all(chips.map((chip) => chip.close()));
  }
}
