/**
 * Measures a model on the chips, each way that they may be used, and chooses how it is trained over them.
 *
 * @module
 */
import { type Chip, startChip } from '../chips/chip.ts';
import { divisionsOf } from './divisions-of.ts';
import { type MeasureModelOptions, measureModel } from './measure.ts';
import type { ModelCosts } from './model-costs.ts';
import { PlanError } from './plan-error.ts';
import { type PlanReason, planSentence } from './plan-reason.ts';
import { candidatesOf, type Plan, type SearchOptions, searchPlan } from './search-plan.ts';
import { unmeasured } from './unmeasured.ts';

/** What `plan` measures and then chooses from. */
export interface PlanOptions
  extends Omit<SearchOptions, 'measured'>,
    Omit<MeasureModelOptions, 'microbatches' | 'bounds' | 'recompute' | 'chips'> {
  /** A maker of a step's microbatches for each number of microbatches that a step may be divided into. */
  readonly microbatches: Readonly<Record<number, MeasureModelOptions['microbatches']>>;
  /**
   * The chips to plan for, or else a number of cores, 1 or more: then chips of one core, and chips of several, are
   * started for the measurement, weighed against each other, and closed again.
   */
  readonly chips: readonly Chip[] | number;
  /** Called before each measurement, with what it is of. */
  readonly onProgress?: (progress: PlanProgress) => void;
}

/** How far a planner's measurements have come. */
export interface PlanProgress {
  /** Measurements that are through, and how many there are for now. */
  readonly done: number;
  readonly total: number;
  /** What is being measured: `"2 chips of 1 core, 8 microbatches"`. */
  readonly what: string;
}

/**
 * Measures the model on the chips, then searches. Where no plan fits the memory otherwise, the forward pass is
 * computed again in the backward pass. What fits in no way is refused before anything is measured.
 *
 * @throws PlanError when no plan fits the chips (`plan_memory`) or can be made (`plan_none`), or without chips
 * (`plan_chips`) or microbatches (`plan_microbatches`), and what `train` throws.
 */
export async function plan(
  options: PlanOptions,
): Promise<Plan & { readonly measured: readonly ModelCosts[] }> {
  const { chips, microbatches, sameBits = false, onProgress = () => {} } = options;
  if (typeof chips === 'number' ? !(Number.isInteger(chips) && chips >= 1) : chips.length === 0)
    throw new PlanError(
      'plan_chips',
      `A plan cannot be made for ${typeof chips === 'number' ? `${chips} cores` : 'no chips'}; give 1 or more.`,
    );
  // What several threads of a chip add up, they add up in another order.
  const divisions =
    typeof chips === 'number'
      ? divisionsOf(chips).filter(({ threads }) => threads === 1 || !sameBits)
      : [{ chips: chips.length, threads: chips[0].threads }];
  const counts = Object.keys(microbatches).map(Number);
  if (counts.length === 0)
    throw new PlanError('plan_microbatches', 'A plan needs a number of microbatches; give one or more.');
  const supposed = (recompute: boolean) =>
    divisions.flatMap((division) =>
      counts.map((count) => unmeasured(options.loss, division, count, recompute)),
    );
  const isFit = (measured: readonly ModelCosts[]) =>
    candidatesOf({ ...options, measured }).some(({ fits }) => fits);
  // To compute twice is for those who have no memory otherwise.
  const recompute =
    options.memoryLimit === undefined ? false : [false, true].find((one) => isFit(supposed(one)));
  if (recompute === undefined) {
    // Memory is known without a measurement: this refuses.
    const measured = [...supposed(false), ...supposed(true)];
    return { ...searchPlan({ ...options, measured }), measured };
  }
  // Several chips may be needed for their memory, however short the run.
  const runSteps = options.memoryLimit === undefined ? options.runSteps : undefined;
  const measured: ModelCosts[] = [];
  const found = { done: 0, total: divisions.length * counts.length };
  const measure = async (recompute: boolean) => {
    for (const division of divisions) {
      const members = typeof chips === 'number' ? await startChips(division) : chips;
      try {
        for (const count of counts) {
          const what = `${counted(division.chips, 'chip')} of ${counted(division.threads, 'core')}, ${counted(count, 'microbatch', 'microbatches')}${recompute ? ', recomputing' : ''}`;
          onProgress({ ...found, what });
          const bounds = options.bounds(count);
          const make = microbatches[count];
          measured.push(
            await measureModel({
              ...options,
              chips: members,
              bounds,
              microbatches: make,
              recompute,
              runSteps,
            }),
          );
          found.done++;
        }
      } finally {
        if (members !== chips) await Promise.all(members.map((chip) => chip.close()));
      }
    }
  };
  await measure(recompute);
  // Cuts by measured times may need more memory than those that were supposed.
  if (!recompute && !isFit(measured)) {
    found.total *= 2;
    await measure(true);
  }
  const chosen = searchPlan({ ...options, measured });
  const isShort =
    divisions.some((division) => division.chips > 1) && measured.every((one) => one.chips === 1);
  const why: PlanReason = isShort
    ? { code: 'run_short', values: { stepMs: chosen.choice.stepMs } }
    : chosen.why;
  return { ...chosen, why, reason: planSentence(why), measured };
}

function startChips({ chips, threads }: { chips: number; threads: number }): Promise<Chip[]> {
  return Promise.all(Array.from({ length: chips }, (_, i) => startChip(i, { threads })));
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
