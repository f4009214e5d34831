/**
 * How a student would be trained from examples, without training it.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { type Plan, type PlanProgress, startChip } from '@kolben/engine';
import { freezeDataset } from './datasets/freeze-dataset.ts';
import { ofKind, taskOf } from './describe-task.ts';
import { checkOptions, type DistillOptions } from './distill-options.ts';
import { decoderFromScratch } from './students/decoder/recipe.ts';
import { prepareDecoder } from './students/decoder/train-student.ts';
import { taggerRecipe } from './students/tagger/recipe.ts';
import { prepareTagger } from './students/tagger/train-tagger.ts';
import { planOnChips } from './students/train-on-chips.ts';
import { wordsAndBag } from './students/words-and-bag/recipe.ts';
import { planStudent } from './students/words-and-bag/train-student.ts';

export interface PlanDistillOptions
  extends Pick<
    DistillOptions,
    'examples' | 'kind' | 'schema' | 'chips' | 'seed' | 'source' | 'memoryLimit' | 'signal'
  > {
  /**
   * Weighs only what `distill` chooses from: what gives the bits of one chip of one core, with the recipe's number of
   * microbatches. Default false.
   */
  readonly sameBits?: boolean;
  readonly onProgress?: (progress: PlanProgress) => void;
}

/**
 * Freezes the dataset as `distill` does, measures the student's blocks on the chips and weighs the ways to spread
 * them.
 *
 * @throws KolbenError for examples or options that `distill` would refuse, PlanError when nothing fits the memory.
 */
export async function planDistill(options: PlanDistillOptions): Promise<Plan> {
  const { kind, seed = 0, source, signal, memoryLimit, sameBits = false, onProgress } = options;
  const chipCount = options.chips ?? Math.min(2, availableParallelism());
  checkOptions({ alpha: 0.05, delta: 0.05, seed, timeBudget: 1, chips: chipCount });
  const { examples } = options;
  const dataset =
    'splits' in examples
      ? ofKind(examples, kind)
      : await freezeDataset(examples, { seed, kind, source, signal });
  const { studentTask: task } = taskOf('task', dataset, options);
  const { train } = dataset.splits;
  const chips = await Promise.all(Array.from({ length: chipCount }, (_, i) => startChip(i)));
  try {
    const onChips = { chips, seed, signal, memoryLimit, sameBits, onPlanProgress: onProgress };
    if (task.kind === 'extract') {
      const { trainable } = await prepareTagger({ ...onChips, task, train, recipe: taggerRecipe });
      return await planOnChips(trainable, onChips);
    }
    if (task.kind === 'generate') {
      const { trainable } = await prepareDecoder({ task, train, recipe: decoderFromScratch, signal });
      return await planOnChips(trainable, onChips);
    }
    return await planStudent({ ...onChips, train, task, recipe: wordsAndBag });
  } finally {
    await Promise.all(chips.map((chip) => chip.close()));
  }
}
