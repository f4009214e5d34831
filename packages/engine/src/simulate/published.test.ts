/**
 * Published bubble rates, reproduced to four decimals from the published times.
 *
 * The figures are of Qi et al., Zero Bubble Pipeline Parallelism (arXiv 2401.10241), and come in a file of
 * their own: `schedules.json` in the folder that `KOLBEN_TEST_ORACLES` names. The zero-bubble orders are
 * spelled out here, to show that helper, checker and simulator carry schedules that hold W back.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkSchedule } from '../schedule/check.ts';
import { type OrderedPass, scheduleFromOrders } from '../schedule/from-orders.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { simulate } from './simulate.ts';
import { bubbleRate } from './timeline.ts';

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

/** Stage i: reach * (p - 1 - i) forwards; then F while there are any, B, and W from the (reach * i)-th on. */
function zeroBubble(name: string, reach: 1 | 2, stages: number, microbatches: number): Schedule {
  const orders = Array.from({ length: stages }, (_, stage) => {
    const order: OrderedPass[] = [];
    const next = { forward: 0, backwardInput: 0, backwardWeight: 0 };
    const pass = (kind: keyof typeof next): void => {
      if (next[kind] < microbatches) order.push({ kind, stage, microbatch: next[kind]++ });
    };
    for (let warmUp = reach * (stages - 1 - stage); warmUp > 0; warmUp--) pass('forward');
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      pass('forward');
      pass('backwardInput');
      if (microbatch >= reach * stage) pass('backwardWeight');
    }
    while (next.backwardWeight < microbatches) pass('backwardWeight');
    return order;
  });
  return scheduleFromOrders({ name, stages, microbatches, orders });
}

const makers: Record<string, (stages: number, microbatches: number) => Schedule> = {
  '1f1b': (stages, microbatches) => oneFOneB({ stages, microbatches }),
  'zb-h1': (stages, microbatches) => zeroBubble('zb-h1', 1, stages, microbatches),
  'zb-h2': (stages, microbatches) => zeroBubble('zb-h2', 2, stages, microbatches),
};

describe.skipIf(!folder && !required)('published bubble rates (needs KOLBEN_TEST_ORACLES)', () => {
  const rows = (): Row[] => {
    if (!folder)
      throw new Error('KOLBEN_TEST_ORACLES is not set: name the folder that holds schedules.json.');
    return JSON.parse(readFileSync(join(folder, 'schedules.json'), 'utf8')).published_bubble_rates;
  };

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
});

test('holding W back costs no correctness: zb-h1 keeps p activations, zb-h2 at most 2p - 1', () => {
  expect(checkSchedule(zeroBubble('zb-h1', 1, 4, 12), { channelCapacity: 1 }).peakActivations).toEqual([
    4, 4, 4, 4,
  ]);
  expect(checkSchedule(zeroBubble('zb-h2', 2, 4, 12)).peakActivations).toEqual([7, 7, 7, 7]);
});
