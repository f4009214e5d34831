import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chip, startChip } from '../chips/chip.ts';
import { smallModel, smallRun } from '../run/testing/small-run.ts';
import { train } from '../run/train.ts';
import { keepsOrderOfSums } from '../schedule/keeps-order-of-sums.ts';
import type { ModelCosts, PieceCost } from './model-costs.ts';
import { plan } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { type SearchOptions, searchPlan } from './search-plan.ts';

const optimizer = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0 };
const nothing = { forward: 0, backwardInput: 0, backwardWeight: 0, update: 0 };
const even = { forward: 1, backwardInput: 1, backwardWeight: 1, update: 0.1 };

/** Invented costs for the small model's five blocks. */
const costsOf = (costs: readonly PieceCost[], change: Partial<ModelCosts> = {}): ModelCosts => ({
  chips: 2,
  threads: 1,
  microbatches: 8,
  recompute: false,
  pieces: ['layer0', 'layer1', 'layer2', 'layer3', 'loss'].map((name) => [name]),
  ends: [0, 1, 2, 3, 4],
  costs,
  perProgram: nothing,
  receive: { message: 0, byte: 0 },
  exchange: { scatter: 0, sum: 0, gather: 0 },
  wake: 0,
  host: 0,
  strain: { alone: 1, pipeline: 1, exchange: 1 },
  ...change,
});

const dear = (ms: number) => ({ scatter: ms, sum: 2 * ms, gather: ms });

const search = (costs: ModelCosts, change: Partial<SearchOptions> = {}) =>
  searchPlan({
    loss: () => smallModel(),
    measured: [costs],
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
    const { choice, why, reason } = search(costsOf(layers));
    expect(choice.name).toBe('replicas');
    expect(why).toMatchObject({ code: 'replicas', rival: { stepMs: expect.any(Number) } });
    // Four microbatches of four layers on each of two chips, and half of the updates.
    expect(choice.stepMs).toBeCloseTo(4 * 4 * 3 + 0.2, 6);
    expect(reason).toMatch(/^Everything fits on every chip, .*48\.2 ms a step; .* would take/);
  });

  test('takes a pipeline where exchange costs much, and one chip where nothing can be shared', () => {
    expect(search(costsOf(layers, { exchange: dear(0.02) })).choice.name).toMatch(/^(1f1b-eager|zb-)/);
    expect(search(costsOf(layers, { chips: 1 })).choice.name).toBe('sequential');
    const waking = search(
      costsOf(
        layers.map((cost) => ({ ...cost, forward: 0.01 })),
        { wake: 500, receive: { message: 10, byte: 1 }, exchange: dear(4) },
      ),
    );
    expect(waking.choice.name).toBe('sequential');
    expect(waking.reason).toContain('One chip is as fast as any other way');
  });

  test('takes a pipeline where the model does not fit one chip, and says that this is why', () => {
    const free = search(costsOf(layers));
    const alone = free.candidates.find(({ name }) => name === 'sequential')!;
    const memoryLimit = peak(alone) - 1;
    const { choice, why, reason } = search(costsOf(layers), { memoryLimit });
    expect(choice.stages.length).toBeGreaterThan(1);
    expect(peak(choice)).toBeLessThan(peak(alone));
    expect(reason).toMatch(
      /^A chip may use .* MiB and the model needs .* MiB on one, so it is cut into \d stages/,
    );
    const sizes = { limitBytes: memoryLimit, neededBytes: peak(alone) };
    expect(why).toMatchObject({ code: 'memory', values: { ...sizes, schedule: choice.name } });
  });

  test('recomputes only where nothing fits otherwise, and refuses what never fits', () => {
    const free = search(costsOf(layers));
    const least = Math.min(...free.candidates.map(peak));
    const twice = layers.map((cost) => ({ ...cost, backwardInput: cost.backwardInput + cost.forward }));
    const measured = [costsOf(layers), costsOf(twice, { recompute: true })];
    expect(search(costsOf(layers), { measured }).choice.recompute).toBe(false);
    const tight = search(costsOf(layers), { measured, memoryLimit: least - 1 });
    expect(tight.choice.recompute).toBe(true);
    // Where nothing else is measured, what one chip needs is what it needs with recomputation.
    const only = search(costsOf(layers), { measured: measured.slice(1), memoryLimit: least - 1 });
    const neededBytes = peak(only.candidates.find(({ name }) => name === 'sequential')!);
    expect(only.why).toMatchObject({ code: 'memory_recompute', values: { neededBytes } });
    expect(() => search(costsOf(layers), { memoryLimit: 100 })).toThrow(PlanError);
    expect(() => search(costsOf(layers), { memoryLimit: 100 })).toThrow(
      /No plan fits .* a chip: the smallest needs/,
    );
  });

  test('evens out memory instead of time where only that fits', () => {
    // Nearly all the time is in the first layer, so stages of like time put three layers on one chip.
    const first = { forward: 9, backwardInput: 9, backwardWeight: 9, update: 0.1 };
    const costs = costsOf([first, even, even, even, nothing]);
    const schedules = ['zb-h1'] as const;
    const free = search(costs, { schedules }).choice;
    expect(free.stages.map(({ length }) => length)).toEqual([1, 4]);
    const tight = search(costs, { schedules, memoryLimit: peak(free) - 1 }).choice;
    expect(tight.stages.map(({ length }) => length)).toEqual([2, 3]);
    expect(tight.stepMs).toBeGreaterThan(free.stepMs);
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
          const measured = costsOf(costs, { chips });
          const free = search(measured);
          const one = free.candidates.find(({ name }) => name === 'sequential')!;
          const work = costs.reduce(
            (sum, c) => sum + 8 * (c.forward + c.backwardInput + c.backwardWeight) + c.update,
            0,
          );
          expect(one.stepMs).toBeCloseTo(work, 6);
          expect(free.choice.stepMs).toBeLessThanOrEqual(one.stepMs * 1.03);
          expect(free.choice.stepMs).toBeGreaterThanOrEqual(work / chips / 1.0001);
          const limits = free.candidates
            .map(peak)
            .sort((a, b) => a - b)
            .filter((_, i) => i % 5 === 0);
          let before = Number.POSITIVE_INFINITY;
          for (const memoryLimit of limits) {
            const { stepMs } = search(measured, { memoryLimit }).candidates[0]!;
            expect(stepMs).toBeLessThanOrEqual(before * 1.0001);
            before = stepMs;
          }
        },
      ),
      { seed: 1, numRuns: 12 },
    );
  });

  test('cuts between two uses of a parameter where it pays, and counts the exchange', () => {
    const tied = (ms: number) =>
      search(costsOf(layers, { exchange: dear(ms) }), {
        loss: () => smallModel(4, true),
        schedules: ['zb-h1'],
      }).choice;
    const [free, costly] = [tied(0), tied(0.004)];
    expect(free.schedule.shared).toEqual([[0, 1]]);
    expect(free.schedule.chips.flat().filter(({ kind }) => kind === 'gather')).toHaveLength(2);
    expect(costly.stepMs).toBeGreaterThan(free.stepMs);
  });

  test('chooses only among the schedules that are allowed', () => {
    const { candidates } = search(costsOf(layers), { schedules: ['sequential', 'zb-h1'] });
    expect(new Set(candidates.map(({ name }) => name))).toEqual(new Set(['sequential', 'zb-h1']));
  });
});

describe('what a simulation does not know', () => {
  const even8 = costsOf(layers, { strain: { alone: 1.5, pipeline: 1.25, exchange: 2 } });
  const stepOf = (name: string, costs: ModelCosts) =>
    search(costs).candidates.find((candidate) => candidate.name === name)!.stepMs;

  test.each([
    ['sequential', 1.5],
    ['zb-h2', 1.25],
    ['replicas', 2],
    ['dualpipe', 2],
  ])('strains %s by %d', (name, factor) => {
    expect(stepOf(name, even8)).toBeCloseTo(factor * stepOf(name, costsOf(layers)), 6);
  });

  test('is what the main thread takes, where that is longer than a step', () => {
    expect(search(costsOf(layers, { host: 1000 })).choice.stepMs).toBe(1000);
  });
});

describe('chips of several cores', () => {
  const two = costsOf(
    layers.map((cost) => ({ ...cost, forward: 0.4, backwardInput: 0.4, backwardWeight: 0.4 })),
    { chips: 1, threads: 2 },
  );

  test('are chosen where they are faster, and the reason says so', () => {
    const { choice, reason } = search(costsOf(layers), { measured: [costsOf(layers), two] });
    expect(choice).toMatchObject({ name: 'sequential', chips: 1, threads: 2 });
    expect(reason).toMatch(
      /^One chip of 2 cores is as fast as any other way, .*; replicas would take 48\.2 ms\.$/,
    );
  });

  test('are not weighed where the bits of one core are wanted', () => {
    const { candidates, choice } = search(costsOf(layers), {
      measured: [costsOf(layers), two],
      sameBits: true,
    });
    expect(candidates.every(({ threads, schedule }) => threads === 1 && keepsOrderOfSums(schedule))).toBe(
      true,
    );
    expect(new Set(candidates.map(({ name }) => name))).toEqual(
      new Set([
        'sequential',
        '1f1b-eager',
        'zb-h1',
        'zb-h2',
        'zb-v',
        'interleaved-1f1b',
        'dualpipev',
        '1f1b',
        'gpipe',
      ]),
    );
    expect(choice.chips).toBe(2);
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

  const tiny = {
    loss: () => smallModel(),
    bounds: () => smallRun('one', 1).bounds,
    microbatches: { 4: smallRun('one', 1).microbatches },
    optimizer,
    averages: false,
    seed: 1,
    steps: 2,
    warmUp: 1,
  };

  test('cores are weighed as chips of one core and as chips of several, which are closed again', async () => {
    const told: string[] = [];
    const { candidates, measured } = await plan({
      ...tiny,
      chips: 2,
      onProgress: ({ done, total, what }) => told.push(`${done}/${total} ${what}`),
    });
    expect(measured.map(({ chips, threads }) => [chips, threads])).toEqual([
      [2, 1],
      [1, 2],
    ]);
    expect(told).toEqual(['0/2 2 chips of 1 core, 4 microbatches', '1/2 1 chip of 2 cores, 4 microbatches']);
    expect(candidates.filter(({ threads }) => threads === 2).map(({ name }) => name)).toEqual(['sequential']);
    expect(new Set(candidates.filter(({ threads }) => threads === 1).map(({ name }) => name)).size).toBe(11);
    const alone = await plan({ ...tiny, chips: 2, sameBits: true });
    expect(alone.measured.map(({ threads, exchange }) => [threads, exchange.sum])).toEqual([[1, 0]]);
  });

  test('a run that is over before several chips were tried out takes one, unless it needs their memory', async () => {
    const short = { ...tiny, chips, runSteps: 3 };
    const { choice, candidates, measured, reason } = await plan({ ...short, sameBits: true });
    expect(measured.map(({ chips, pieces }) => [chips, pieces.length])).toEqual([[1, 1]]);
    expect(candidates).toEqual([choice]);
    expect(choice.name).toBe('sequential');
    expect(reason).toMatch(
      /^The run is too short for trying out several chips, and one takes [\d.]+ ms a step\.$/,
    );
    const tight = await plan({ ...short, memoryLimit: peak(choice) - 1 });
    expect(tight.measured.every((costs) => costs.chips === 2)).toBe(true);
    expect(tight.choice.chips).toBe(2);
  });

  test('where nothing fits the memory otherwise, recomputation is what is measured', async () => {
    const averaged = { ...tiny, averages: true };
    const free = await plan({ ...averaged, chips, memoryLimit: 2 ** 30 });
    const memoryLimit = Math.min(...free.candidates.map(peak)) - 1;
    const { choice, measured } = await plan({ ...averaged, chips, memoryLimit });
    expect(measured.map(({ recompute }) => recompute)).toEqual([true]);
    expect(choice.recompute).toBe(true);
    const { cuts, schedule, recompute } = choice;
    const run = smallRun('one', 2);
    const trained = await train({ ...run, optimizer, chips, cuts, schedule, recompute, memoryLimit });
    expect(trained.losses).toHaveLength(2);
  });

  test.each([[0], [1.5], [[] as Chip[]]])('no plan is made for %j', async (chips) => {
    await expect(plan({ ...tiny, chips })).rejects.toThrow(
      /^A plan cannot be made for .*; give 1 or more\.$/,
    );
  });

  test('what nothing can be planned of ends in a sentence', async () => {
    await expect(plan({ ...tiny, chips, microbatches: {} })).rejects.toThrow(
      'A plan needs a number of microbatches; give one or more.',
    );
    await expect(plan({ ...tiny, chips, steps: 1 })).rejects.toThrow(
      'A step cannot be measured in 1 of them; give 2 or more.',
    );
    await expect(plan({ ...tiny, chips, schedules: [] })).rejects.toThrow(
      'None of the schedules that are allowed can be made',
    );
    await expect(plan({ ...tiny, chips, memoryLimit: 100 })).rejects.toThrow(/^No plan fits .* a chip/);
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
