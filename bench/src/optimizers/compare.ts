import type { Chip } from '@kolben/engine';
import type { BenchContext } from '../bench.ts';
import { type Spread, spreadOf } from '../training/statistics.ts';
import { inLanes } from './in-lanes.ts';
import { type LearnOptions, learn, type OptimizerName, timeSteps } from './learn.ts';
import type { LearningTask, Validation } from './task.ts';

/** Learning rates that are tried. */
const grids: Readonly<Record<OptimizerName, readonly number[]>> = {
  AdamW: [1e-3, 2e-3, 4e-3, 8e-3],
  Muon: [2.5e-3, 5e-3, 1e-2, 2e-2],
};
const tuningSeed = 0;
const seeds = [1, 2, 3];
const timingRounds = 7;

export interface TriedRate {
  readonly optimizer: OptimizerName;
  readonly rate: number;
  readonly loss: number;
}

/** What a way of training came to with each seed. */
export interface Contest {
  readonly optimizer: OptimizerName;
  readonly rate: number;
  readonly steps: number;
  readonly bySeed: readonly Validation[];
}

export interface TaskResult {
  readonly task: string;
  readonly tried: readonly TriedRate[];
  readonly stepMilliseconds: Readonly<Record<OptimizerName, Spread>>;
  /**
   * Time of a step with Muon beside one with AdamW. Other work on the machine can only make steps longer, so the
   * shortest of all rounds are compared: what the run in the same time may do must not depend on it.
   */
  readonly timeRatio: number;
  /** At the same number of steps. */
  readonly adamw: Contest;
  readonly muon: Contest;
  /** AdamW with as many more steps as make up for the time that Muon takes. */
  readonly adamwInTheSameTime: Contest;
}

/**
 * Chooses each optimizer's learning rate with one seed, measures the time of their steps in turn, and trains with
 * other seeds: for the same number of steps, and for the same time.
 */
export async function compareOptimizers(
  task: LearningTask,
  chips: readonly Chip[],
  { progress, signal }: BenchContext,
): Promise<TaskResult> {
  const say = (what: string) => progress(`${task.name}: ${what}`);
  const run = async (chip: Chip, options: Omit<LearnOptions, 'signal'>) => {
    signal.throwIfAborted();
    say(`${options.optimizer} at ${options.peak}, seed ${options.seed}, ${options.steps} steps`);
    return learn(task, chip, { ...options, signal });
  };

  const candidates = (['AdamW', 'Muon'] as const).flatMap((optimizer) =>
    grids[optimizer].map((rate) => ({ optimizer, rate })),
  );
  const tried = await inLanes(chips, candidates, async (chip, { optimizer, rate }): Promise<TriedRate> => {
    const { loss } = await run(chip, { optimizer, peak: rate, steps: task.steps, seed: tuningSeed });
    return { optimizer, rate, loss };
  });
  const best = (optimizer: OptimizerName) =>
    tried.filter((one) => one.optimizer === optimizer).reduce((a, b) => (b.loss < a.loss ? b : a)).rate;

  const times: Record<OptimizerName, number[]> = { AdamW: [], Muon: [] };
  for (let round = 0; round < timingRounds; round++) {
    say(`times of steps, round ${round + 1} of ${timingRounds}`);
    for (const optimizer of ['AdamW', 'Muon'] as const) {
      signal.throwIfAborted();
      const options = { optimizer, peak: best(optimizer), seed: tuningSeed, signal };
      times[optimizer].push(await timeSteps(task, chips[0], options));
    }
  }
  const timeRatio = Math.min(...times.Muon) / Math.min(...times.AdamW);

  const contests = [
    { optimizer: 'AdamW', steps: task.steps },
    { optimizer: 'Muon', steps: task.steps },
    { optimizer: 'AdamW', steps: Math.max(task.steps, Math.round(task.steps * timeRatio)) },
  ] as const;
  const jobs = contests.flatMap((contest) => seeds.map((seed) => ({ ...contest, seed })));
  const found = await inLanes(chips, jobs, (chip, { optimizer, steps, seed }) =>
    run(chip, { optimizer, peak: best(optimizer), steps, seed }),
  );
  const [adamw, muon, adamwInTheSameTime] = contests.map(
    ({ optimizer, steps }, i): Contest => ({
      optimizer,
      rate: best(optimizer),
      steps,
      bySeed: found.slice(i * seeds.length, (i + 1) * seeds.length),
    }),
  );
  return {
    task: task.name,
    tried,
    stepMilliseconds: { AdamW: spreadOf(times.AdamW), Muon: spreadOf(times.Muon) },
    timeRatio,
    adamw,
    muon,
    adamwInTheSameTime,
  };
}
