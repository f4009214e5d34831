/**
 * Published bubble rates, reproduced to four decimals from the published times.
 *
 * The figures are of Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241), and come in a file of
 * their own: `schedules.json` in the folder that `KOLBEN_TEST_ORACLES` names.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSchedule } from '../schedule/check.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { makeSchedule, type ScheduleName } from '../schedule/schedules.ts';
import { zbH1, zbH2 } from '../schedule/zero-bubble.ts';
import { simulate } from './simulate.ts';
import { bubbleRate, chipUse, makespan } from './timeline.ts';

interface Row {
  model: string;
  stages: number;
  microbatches: number;
  F_ms: number;
  B_ms: number;
  W_ms: number;
  transfer_ms: number;
  bubble_rate: Record<string, number>;
}

const folder = process.env.KOLBEN_TEST_ORACLES;
const required = process.env.KOLBEN_TEST_REQUIRE === '1';

const makers: Record<string, (stages: number, microbatches: number) => Schedule> = {
  '1f1b': (stages, microbatches) => oneFOneB({ stages, microbatches }),
  'zb-h1': (stages, microbatches) => zbH1({ stages, microbatches }),
  'zb-h2': (stages, microbatches) => zbH2({ stages, microbatches }),
};

interface Golden {
  schedule: string;
  stages?: number;
  chips?: number;
  microbatches: number;
  F: number;
  B_full: number;
  W: number;
  FB_overlapped?: number;
  makespan: number;
  idle_per_chip?: number;
  peak_activations?: number;
}

describe.skipIf(!folder && !required)('published bubble rates (needs KOLBEN_TEST_ORACLES)', () => {
  const oracle = (): { published_bubble_rates: Row[]; golden: Golden[] } => {
    if (!folder)
      throw new Error('KOLBEN_TEST_ORACLES is not set: name the folder that holds schedules.json.');
    return JSON.parse(readFileSync(join(folder, 'schedules.json'), 'utf8'));
  };
  const rows = () => oracle().published_bubble_rates;
  const golden = () => oracle().golden;

  test.each(Object.keys(makers))('%s', (name) => {
    const found: Record<string, string> = {};
    const published: Record<string, string> = {};
    for (const row of rows()) {
      const { stages, microbatches } = row;
      const timeline = simulate(makers[name]!(stages, microbatches), {
        forward: row.F_ms,
        backwardInput: row.B_ms,
        backwardWeight: row.W_ms,
        transfer: row.transfer_ms,
      });
      const key = `${row.model}, ${stages} stages, ${microbatches} microbatches`;
      found[key] = bubbleRate(timeline).toFixed(4);
      published[key] = row.bubble_rate[name]!.toFixed(4);
    }
    expect(Object.keys(published).length).toBeGreaterThan(0);
    expect(found).toEqual(published);
  });

  test('makespan, waiting and activations of the golden schedules', () => {
    for (const row of golden()) {
      const { schedule: name, microbatches, F, B_full, W, FB_overlapped } = row;
      // The file names the chips of DualPipeV, which has two stages on each.
      const stages = row.stages ?? 2 * (row.chips ?? 0);
      const { schedule } = makeSchedule(name as ScheduleName, { stages, microbatches });
      const timeline = simulate(schedule, {
        forward: F,
        backwardInput: B_full - W,
        backwardWeight: W,
        transfer: 0,
        overlapped: FB_overlapped,
      });
      expect(makespan(timeline), name).toBe(row.makespan);
      if (row.idle_per_chip !== undefined)
        expect(new Set(chipUse(timeline).map(({ idle }) => idle)), name).toEqual(
          new Set([row.idle_per_chip]),
        );
      if (row.peak_activations !== undefined)
        expect(Math.max(...checkSchedule(schedule).peakActivations), name).toBe(row.peak_activations);
    }
    expect(golden().length).toBeGreaterThan(0);
  });
});
