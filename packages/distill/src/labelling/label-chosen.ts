/**
 * Labels as many inputs as there may be calls, and those that teach most.
 *
 * A certificate needs a random sample, and what teaches most is none. So first as many inputs are drawn by lot as the
 * splits that judge a student take, and the others are chosen from what the lot has left, without a look at what it
 * drew or how that was answered. Each line says which it was, and no dataset lets a chosen one judge (decision 0125).
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { Drawn, Example } from '@kolben/store';
import { CHOSEN, RANDOM } from '../datasets/drawn.ts';
import { splitSizes } from '../datasets/split-sizes.ts';
import { inputText } from '../examples/input-text.ts';
import { type ChoiceProgress, chooseInputs } from '../selection/choose-inputs.ts';
import {
  type LabelExamplesOptions,
  type LabelReport,
  labelExamples,
  labelFrom,
  requestFor,
} from './label-examples.ts';
import { questionKey } from './unit-key.ts';

export interface LabelChosenOptions extends Omit<LabelExamplesOptions, 'onOutcome' | 'drawn'> {
  /** The most inputs to label, those drawn by lot included; one that stands there twice counts once. */
  readonly choose: number;
  readonly seed: number;
  readonly onChoice?: (progress: ChoiceProgress) => void;
}

export interface LabelChosenReport extends LabelReport {
  /** Inputs asked for by lot, and those chosen. */
  readonly drawn: Readonly<Record<Drawn, number>>;
  /** Inputs without an answer, those that are the same counted once. */
  readonly pool: number;
}

/**
 * The same inputs, seed and answers lead to the same inputs being asked, so a process that was killed is gone on from.
 * Where an answer is missing for now, the choice ends there, since it hangs on all answers before.
 *
 * @returns what was done, and of any input how it came to be asked, if it did. Where there are no more inputs than may be
 *   asked, all are, and count as random: nothing was picked.
 * @throws as `labelExamples`
 */
export async function labelChosen(
  options: LabelChosenOptions,
): Promise<{ report: LabelChosenReport; drawnOf: (example: Example) => Drawn | undefined }> {
  const { choose, seed, onChoice, examples, ...settings } = options;
  const keyOf = (example: Example) => questionKey(requestFor(example, options), options.teacher);
  const inputs = new Map<string, Example>();
  let answered = 0;
  for await (const example of examples) {
    settings.signal?.throwIfAborted();
    if (example.answer !== undefined) answered++;
    else {
      const key = keyOf(example);
      if (!inputs.has(key)) inputs.set(key, example);
    }
  }
  const lots = [...inputs.keys()]
    .map((key) => ({ key, lot: createHash('sha256').update(`${seed}\n${key}`).digest('hex') }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ key }) => key);
  const wanted = Math.min(choose, lots.length);
  const byLot = wanted === lots.length ? wanted : wanted - splitSizes(wanted).train;
  const drawn = new Map<string, Drawn>();

  let done = 0;
  const reports: LabelReport[] = [];
  /** Whether every one of them is through. */
  const label = async (keys: readonly string[], as: Drawn): Promise<boolean> => {
    for (const key of keys) drawn.set(key, as);
    const before = sumOf(reports, 'labelled');
    const apart = reports.reduce((sum, { rejected }) => sum + total(rejected), 0);
    const report = await labelExamples({
      ...settings,
      drawn: as,
      examples: keys.map((key) => inputs.get(key)!),
      onProgress: (progress) =>
        options.onProgress?.({
          done: done + progress.done,
          labelled: before + progress.labelled,
          rejected: apart + progress.rejected,
          spent: progress.spent,
        }),
    });
    reports.push(report);
    done += keys.length;
    return report.unanswered === 0;
  };

  const pool = lots.slice(byLot);
  let goesOn = await label(lots.slice(0, byLot), RANDOM);
  if (goesOn && wanted > byLot) {
    await chooseInputs({
      texts: pool.map((key) => inputText(inputs.get(key)!.messages)),
      budget: wanted - byLot,
      seed,
      signal: settings.signal,
      onProgress: onChoice,
      async ask(indices) {
        const keys = indices.map((index) => pool[index]!);
        goesOn = await label(keys, CHOSEN);
        if (!goesOn) return undefined;
        return Promise.all(
          keys.map(async (key) => {
            const outcome = await labelFrom(options.work, inputs.get(key)!, options);
            return outcome && 'answer' in outcome ? outcome.answer : undefined;
          }),
        );
      },
    });
  }
  const rejected: Record<string, number> = {};
  for (const report of reports)
    for (const [reason, n] of Object.entries(report.rejected)) rejected[reason] = (rejected[reason] ?? 0) + n;
  return {
    report: {
      read: answered + drawn.size,
      answered,
      labelled: sumOf(reports, 'labelled'),
      rejected,
      unanswered: sumOf(reports, 'unanswered') + wanted - drawn.size,
      calls: sumOf(reports, 'calls'),
      reused: sumOf(reports, 'reused'),
      spent: reports.at(-1)!.spent,
      stoppedBy: reports.some(({ stoppedBy }) => stoppedBy === 'budget') ? 'budget' : null,
      pool: lots.length,
      drawn: {
        [RANDOM]: [...drawn.values()].filter((one) => one === RANDOM).length,
        [CHOSEN]: [...drawn.values()].filter((one) => one === CHOSEN).length,
      },
    },
    drawnOf: (example) => drawn.get(keyOf(example)),
  };
}

function sumOf(
  reports: readonly LabelReport[],
  name: 'labelled' | 'unanswered' | 'calls' | 'reused',
): number {
  return reports.reduce((sum, report) => sum + report[name], 0);
}

function total(counts: LabelReport['rejected']): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}
