/**
 * Whether Muon pays: `npm run bench -- optimizers`.
 *
 * A decoder and an encoder learn from real texts, with AdamW alone and with Muon for the hidden matrices, each at the
 * best of a few learning rates: at the same number of steps, and in the same time.
 *
 * @module
 */
import { startChip } from '@kolben/engine';
import type { Bench } from '../bench.ts';
import type { Spread } from '../training/statistics.ts';
import { charactersTask } from './characters.ts';
import { type Contest, compareOptimizers, type TaskResult, type TriedRate } from './compare.ts';
import { intentsTask } from './intents.ts';

interface OptimizersResult {
  tasks: TaskResult[];
}

export const optimizers: Bench = {
  name: 'optimizers',
  about: 'what Muon learns beside AdamW, at the same number of steps and in the same time',
  async run(context) {
    const tasks = [await charactersTask(), await intentsTask()];
    const chips = await Promise.all([startChip(0), startChip(1)]);
    try {
      const results: TaskResult[] = [];
      for (const task of tasks) results.push(await compareOptimizers(task, chips, context));
      return { tasks: results } satisfies OptimizersResult;
    } finally {
      await Promise.all(chips.map((chip) => chip.close()));
    }
  },
  describe: (result) => (result as OptimizersResult).tasks.map(describeTask).join('\n\n'),
};

function describeTask(result: TaskResult): string {
  const { task, tried, stepMilliseconds, timeRatio, adamw, muon, adamwInTheSameTime } = result;
  return [
    task,
    ...(['AdamW', 'Muon'] as const).map(
      (optimizer) =>
        `  ${optimizer.padEnd(6)} ${spread(stepMilliseconds[optimizer], 1)} ms a step; tried ${rates(tried, optimizer)}`,
    ),
    `  a step with Muon takes ${timeRatio.toFixed(3)} times as long`,
    `  ${'validation'.padEnd(28)}${'rate'.padStart(7)}${'steps'.padStart(7)}   loss, least to most        agreement`,
    ...[
      ['AdamW', adamw],
      ['Muon', muon],
      ['AdamW, in the time of Muon', adamwInTheSameTime],
    ].map(([name, contest]) => describeContest(name as string, contest as Contest)),
  ].join('\n');
}

function describeContest(name: string, { rate, steps, bySeed }: Contest): string {
  const losses = range(
    bySeed.map(({ loss }) => loss),
    4,
  );
  const agreements = bySeed.flatMap(({ agreement }) => agreement ?? []);
  return `  ${name.padEnd(28)}${String(rate).padStart(7)}${String(steps).padStart(7)}   ${losses.padEnd(26)} ${agreements.length > 0 ? range(agreements, 3) : ''}`;
}

function rates(tried: readonly TriedRate[], optimizer: string): string {
  return tried
    .filter((one) => one.optimizer === optimizer)
    .map(({ rate, loss }) => `${rate}: ${loss.toFixed(3)}`)
    .join(', ');
}

/** The middle one, and all of them lie between. */
function range(values: readonly number[], digits: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, middle, most] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((i) =>
    sorted[i].toFixed(digits),
  );
  return `${middle} (${least} to ${most})`;
}

function spread({ median, lowerQuartile, upperQuartile }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)} to ${upperQuartile.toFixed(digits)})`;
}
