import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { smallModel, smallRun } from '../run/testing/small-run.ts';
import { train } from '../run/train.ts';
import type { ModelCosts, PieceCost } from './measure.ts';
import { plan, type SearchOptions, searchPlan } from './plan.ts';
import { PlanError } from './plan-error.ts';

const optimizer = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0 };
const nothing = { forward: 0, backwardInput: 0, backwardWeight: 0, update: 0 };
const even = { forward: 1, backwardInput: 1, backwardWeight: 1, update: 0.1 };

/** Invented costs for the small model's five blocks. */
const costsOf = (costs: readonly PieceCost[], change: Partial<ModelCosts> = {}): ModelCosts => ({
  microbatches: 8,
  pieces: ['layer0', 'layer1', 'layer2', 'layer3', 'loss'].map((name) => [name]),
  ends: [0, 1, 2, 3, 4],
  costs,
  perProgram: nothing,
  perByte: 0,
  wake: 0,
  host: 0,
  ...change,
});

const search = (costs: ModelCosts, change: Partial<SearchOptions> = {}) =>
  searchPlan({
    loss: () => smallModel(),
    measured: [costs],
    chips: 2,
    bounds: () => ({ B: 3 }),
    optimizer,
    averages: false,
    ...change,
  });

const layers = [even, even, even, even, nothing];
const peak = ({ memory }: { memory: readonly { total: number }[] }) =>
  Math.max(...memory.map(({ total }) => total));

describe('the search', () => {
  test('takes replicas where everything fits on every chip and exchange costs little', () => {
    const { choice, reason } = search(costsOf(layers));
    expect(choice.name).toBe('replicas');
    // Four microbatches of four layers on each of two chips, and half of the updates.
    expect(choice.stepMs).toBeCloseTo(4 * 4 * 3 + 0.2, 6);
    expect(reason).toMatch(/^Everything fits on every chip, .*48\.2 ms a step; .* would take/);
  });

  test('takes a pipeline where exchange costs much, and one chip where nothing can be shared', () => {
    expect(search(costsOf(layers, { perByte: 0.005 })).choice.name).toMatch(/^(1f1b-eager|zb-)/);
    expect(search(costsOf(layers), { chips: 1 }).choice.name).toBe('sequential');
    const waking = search(
      costsOf(
        layers.map((cost) => ({ ...cost, forward: 0.01 })),
        { wake: 500, perByte: 1 },
      ),
    );
    expect(waking.choice.name).toBe('sequential');
    expect(waking.reason).toContain('One chip is as fast as any other way');
  });

  test('takes a pipeline where the model does not fit one chip, and says that this is why', () => {
    const free = search(costsOf(layers));
    const alone = free.candidates.find(({ name }) => name === 'sequential')!;
    const { choice, reason } = search(costsOf(layers), { memoryLimit: peak(alone) - 1 });
    expect(choice.stages.length).toBeGreaterThan(1);
    expect(peak(choice)).toBeLessThan(peak(alone));
    expect(reason).toMatch(
      /^A chip may use .* MiB and the model needs .* MiB on one, so it is cut into \d stages/,
    );
  });

  test('recomputes only where nothing fits otherwise, and refuses what never fits', () => {
    const free = search(costsOf(layers));
    expect(free.candidates.every(({ recompute }) => !recompute)).toBe(true);
    const least = Math.min(...free.candidates.map(peak));
    const tight = search(costsOf(layers), { memoryLimit: least - 1 });
    expect(tight.choice.recompute).toBe(true);
    expect(() => search(costsOf(layers), { memoryLimit: 100 })).toThrow(PlanError);
    expect(() => search(costsOf(layers), { memoryLimit: 100 })).toThrow(
      /No plan fits .* a chip: the smallest needs/,
    );
  });

  test('never chooses what is slower than one chip, and more memory never makes it slower', () => {
    const cost = fc.record({
      forward: fc.integer({ min: 1, max: 20 }),
      backwardInput: fc.integer({ min: 1, max: 20 }),
      backwardWeight: fc.integer({ min: 1, max: 20 }),
      update: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(
        fc.array(cost, { minLength: 5, maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        (costs, chips) => {
          const measured = costsOf(costs);
          const free = search(measured, { chips });
          const one = free.candidates.find(({ name }) => name === 'sequential')!;
          const work = costs.reduce(
            (sum, c) => sum + 8 * (c.forward + c.backwardInput + c.backwardWeight) + c.update,
            0,
          );
          expect(one.stepMs).toBeCloseTo(work, 6);
          expect(free.choice.stepMs).toBeLessThanOrEqual(one.stepMs * 1.03);
          expect(free.choice.stepMs).toBeGreaterThanOrEqual(work / chips / 1.0001);
          const limits = free.candidates.map(peak).sort((a, b) => a - b);
          let before = Number.POSITIVE_INFINITY;
          for (const memoryLimit of limits) {
            const { stepMs } = search(measured, { chips, memoryLimit }).candidates[0]!;
            expect(stepMs).toBeLessThanOrEqual(before * 1.0001);
            before = stepMs;
          }
        },
      ),
      { seed: 1, numRuns: 12 },
    );
  });

  test('cuts between two uses of a parameter where it pays, and counts the exchange', () => {
    const tied = (perByte: number) =>
      search(costsOf(layers, { perByte }), { loss: () => smallModel(4, true), schedules: ['zb-h1'] }).choice;
    const [free, dear] = [tied(0), tied(0.001)];
    expect(free.schedule.shared).toEqual([[0, 1]]);
    expect(free.schedule.chips.flat().filter(({ kind }) => kind === 'gather')).toHaveLength(2);
    expect(dear.stepMs).toBeGreaterThan(free.stepMs);
  });

  test('chooses only among the schedules that are allowed', () => {
    const { candidates } = search(costsOf(layers), { schedules: ['sequential', 'zb-h1'] });
    expect(new Set(candidates.map(({ name }) => name))).toEqual(new Set(['sequential', 'zb-h1']));
  });
});

describe('measured on real chips', () => {
  let chips: Chip[];
  beforeAll(async () => {
    chips = await Promise.all([startChip(0), startChip(1)]);
  });
  afterAll(async () => {
    await Promise.all(chips.map((chip) => chip.close()));
  });

  test('every piece has costs, every candidate trains, and the choice too', async () => {
    const run = smallRun('one', 3);
    const result = await plan({
      loss: () => smallModel(),
      chips,
      microbatches: { 4: run.microbatches },
      bounds: () => run.bounds,
      optimizer,
      averages: false,
      seed: 1,
      steps: 2,
      warmUp: 1,
    });
    const [costs] = result.measured;
    expect(costs!.pieces.flat()).toEqual(['layer0', 'layer1', 'layer2', 'layer3', 'loss']);
    for (const { forward, backwardWeight } of costs!.costs.slice(0, 4)) {
      expect(forward).toBeGreaterThan(0);
      expect(backwardWeight).toBeGreaterThan(0);
    }
    expect(result.candidates.length).toBeGreaterThan(5);
    for (const { cuts, schedule, recompute } of result.candidates)
      expect((await train({ ...run, chips, cuts, schedule, recompute })).losses).toHaveLength(3);
    expect(result.candidates).toContain(result.choice);
  });

  test('a model that shares a parameter is cut between its uses, and needs the memory that was predicted', async () => {
    const run = smallRun('one', 3, true);
    const { candidates } = await plan({
      loss: () => smallModel(4, true),
      chips,
      microbatches: { 4: run.microbatches },
      bounds: () => run.bounds,
      optimizer,
      averages: true,
      seed: 1,
      steps: 2,
      warmUp: 1,
    });
    const sharing = candidates.filter(({ schedule }) => schedule.shared.length > 0);
    expect(sharing.length).toBeGreaterThan(5);
    for (const { cuts, schedule, recompute, memory } of sharing) {
      const trained = await train({ ...run, optimizer, chips, cuts, schedule, recompute });
      expect(trained.schedule).toEqual(schedule);
      expect(trained.memory.map(({ parameters }) => parameters)).toEqual(
        memory.map(({ parameters, optimizer: state }) => parameters + state),
      );
    }
  });
});
