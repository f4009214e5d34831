import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { compileStages } from '../compile/stages.ts';
import { makeSchedule } from '../schedule/schedules.ts';
import { memoryOf } from './memory.ts';
import { smallModel, smallRun, smallSchedules } from './testing/small-run.ts';
import { type TrainOptions, train } from './train.ts';

let chips: Chip[];
beforeAll(async () => {
  chips = await Promise.all([0, 1, 2, 3].map((index) => startChip(index)));
});
afterAll(async () => {
  await Promise.all(chips.map((chip) => chip.close()));
});

const needs = (
  { schedule, cuts, recompute }: Pick<TrainOptions, 'schedule' | 'cuts' | 'recompute'>,
  { tied = false, wholeParameters = false } = {},
) =>
  memoryOf({
    schedule,
    stages: compileStages(smallModel(4, tied), cuts, { recompute }),
    bounds: { B: 3 },
    averages: true,
    wholeParameters,
  });

const cases: [string, Pick<TrainOptions, 'schedule' | 'cuts' | 'recompute'>][] = [
  ...Object.entries(smallSchedules),
  ['gpipe', { schedule: makeSchedule('gpipe', { stages: 2, microbatches: 4 }).schedule, cuts: [1] }],
  ['zb-v', { schedule: makeSchedule('zb-v', { stages: 2, microbatches: 4 }).schedule, cuts: [0, 1, 2] }],
  ['dualpipe', { schedule: makeSchedule('dualpipe', { stages: 2, microbatches: 4 }).schedule, cuts: [1] }],
  ['recomputed', { ...smallSchedules.two, recompute: true }],
];

describe('memory', () => {
  test.each(cases)('is predicted to the byte: %s', async (_, how) => {
    const { memory } = await train({ ...smallRun('one', 3), ...how, chips, averages: () => true });
    for (const [chip, need] of needs(how).entries()) {
      expect(memory[chip]!.parameters, `chip ${chip}`).toBe(need.parameters + need.optimizer);
      expect(memory[chip]!.activations, `chip ${chip}`).toBe(need.activations);
    }
  });

  test.each(cases)(
    'is predicted to the byte where the last layer shares the first weight: %s',
    async (_, how) => {
      for (const clipNorm of [undefined, 1]) {
        const run = smallRun('one', 3, true);
        const optimizer = { ...run.optimizer, clipNorm };
        const { memory } = await train({ ...run, ...how, optimizer, chips, averages: () => true });
        const predicted = needs(how, { tied: true, wholeParameters: clipNorm !== undefined });
        for (const [chip, need] of predicted.entries()) {
          expect(memory[chip]!.parameters, `chip ${chip}`).toBe(need.parameters + need.optimizer);
          expect(memory[chip]!.activations, `chip ${chip}`).toBe(need.activations);
        }
      }
    },
  );

  test('a shared weight is there once on every chip that uses it, and its optimizer state once in all', () => {
    const weight = 12 * 12;
    const bias = 12;
    const memory = (how: Pick<TrainOptions, 'schedule' | 'cuts'>) => needs(how, { tied: true });
    const all = 3 * weight + 4 * bias;
    for (const [name, how] of cases) {
      const copies = how.schedule.placement.length;
      const total = memory(how).reduce((sum, { optimizer }) => sum + optimizer, 0);
      expect(total, name).toBe(12 * all);
      const held = memory(how).reduce((sum, { parameters }) => sum + parameters, 0);
      // Of the pipelines, ZB-V has both users on one chip; both directions of DualPipe meet on the same two.
      const holders = { two: 2, four: 2, replicas: 2, gpipe: 2, dualpipe: 2, recomputed: 2 }[name] ?? 1;
      expect(held, name).toBe(8 * (copies * (all - weight) + holders * weight));
    }
    const [first, last] = memory(smallSchedules.two);
    // Handed out by each: its gradients, and its share of the weights.
    const [alone] = needs(smallSchedules.two);
    expect(first!.shared - alone!.shared).toBe(4 * weight + 2 * weight);
    expect(last!.parameters).toBe(8 * (2 * weight + 2 * bias));
  });

  test('is bounded before anything begins', async () => {
    const run = { ...smallRun('two', 3), chips };
    const [first] = needs(run);
    await expect(train({ ...run, memoryLimit: first!.total - 1 })).rejects.toThrow(
      /^Chip \d would need 0\.0\d MiB and may use 0\.0\d MiB; use more stages, smaller microbatches, recomputation/,
    );
    const enough = Math.max(...needs(run).map(({ total }) => total));
    expect((await train({ ...run, memoryLimit: enough })).losses).toHaveLength(3);
  });
});

describe('recomputation', () => {
  test.each(['one', 'two', 'four', 'replicas'] as const)(
    'changes no bit and saves memory: %s',
    async (shape) => {
      const run = { ...smallRun(shape, 6), chips };
      const kept = await train(run);
      const again = await train({ ...run, recompute: true });
      expect(again.losses).toEqual(kept.losses);
      expect(again.parameters).toEqual(kept.parameters);
      const peak = ({ memory }: typeof kept) => Math.max(...memory.map(({ activations }) => activations));
      expect(peak(again)).toBeLessThanOrEqual(peak(kept));
    },
  );

  test('of one stage alone', async () => {
    const run = { ...smallRun('two', 4), chips };
    const first = await train({ ...run, recompute: [true, false] });
    expect(first.parameters).toEqual((await train(run)).parameters);
  });
});
