import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gpipe } from '../schedule/gpipe.ts';
import type { Schedule } from '../schedule/instruction.ts';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { sequential } from '../schedule/sequential.ts';
import { type CostModel, CostModelError, simulate } from './simulate.ts';
import { bubbleRate, chipUse, makespan, type Span } from './timeline.ts';

const time = fc.double({ min: 0.01, max: 100, noNaN: true });
const shape = fc.record({
  stages: fc.integer({ min: 1, max: 8 }),
  microbatches: fc.integer({ min: 1, max: 16 }),
});
const passes = fc.record({ forward: time, backwardInput: time, backwardWeight: time });
const schedules: fc.Arbitrary<Schedule> = fc
  .tuple(
    fc.constantFrom(
      oneFOneB,
      (options: { stages: number; microbatches: number }) => oneFOneB({ ...options, eagerGradients: true }),
      gpipe,
    ),
    shape,
  )
  .map(([make, options]) => make(options));

/** Costs that differ for each stage and microbatch. */
const anyCosts: fc.Arbitrary<CostModel> = fc.nat().map((seed) => {
  const cost = (salt: number) => (stage: number, microbatch: number) =>
    1 + ((seed + salt * 31 + stage * 17 + microbatch * 7) % 13);
  return {
    forward: cost(1),
    backwardInput: cost(2),
    backwardWeight: cost(3),
    transfer: cost(4),
    update: (stage) => 1 + ((seed + stage) % 3),
  };
});

describe('closed forms, for equal stages and free transfers', () => {
  test.each([
    ['1f1b', oneFOneB],
    ['gpipe', gpipe],
  ] as const)('%s waits (p - 1)(F + B + W)', (_, make) => {
    fc.assert(
      fc.property(shape, passes, (options, costs) => {
        const { stages: p, microbatches: m } = options;
        const unit = costs.forward + costs.backwardInput + costs.backwardWeight;
        const timeline = simulate(make(options), { ...costs, transfer: 0 });
        expect(makespan(timeline)).toBeCloseTo((m + p - 1) * unit, 6);
        expect(bubbleRate(timeline)).toBeCloseTo((p - 1) / (m + p - 1), 6);
        for (const { idle } of chipUse(timeline)) expect(idle).toBeCloseTo((p - 1) * unit, 6);
      }),
    );
  });

  test('1f1b with eager gradients waits (p - 1)(F + B)', () => {
    fc.assert(
      fc.property(shape, passes, (options, costs) => {
        const { stages: p, microbatches: m } = options;
        const unit = costs.forward + costs.backwardInput + costs.backwardWeight;
        const timeline = simulate(oneFOneB({ ...options, eagerGradients: true }), { ...costs, transfer: 0 });
        const expected = m * unit + (p - 1) * (costs.forward + costs.backwardInput);
        expect(makespan(timeline)).toBeCloseTo(expected, 6);
      }),
    );
  });

  test('one chip never waits', () => {
    fc.assert(
      fc.property(shape, passes, (options, costs) => {
        const timeline = simulate(sequential(options), { ...costs, transfer: 5 });
        expect(bubbleRate(timeline)).toBeCloseTo(0, 9);
      }),
    );
  });
});

test('1F1B of 8 stages and 20 microbatches of F = 1, B + W = 2 takes 81', () => {
  // The comparison of the DualPipe README: (PP - 1)(F + B) of waiting.
  const timeline = simulate(oneFOneB({ stages: 8, microbatches: 20 }), {
    forward: 1,
    backwardInput: 1,
    backwardWeight: 1,
    transfer: 0,
  });
  expect(makespan(timeline)).toBe(81);
});

describe('any schedule under any costs', () => {
  test('nothing starts before what it needs has arrived, and no chip does two things at once', () => {
    fc.assert(
      fc.property(schedules, anyCosts, fc.integer({ min: 1, max: 3 }), (schedule, costs, steps) => {
        const { spans } = simulate(schedule, costs, { steps });
        const find = (kind: Span['kind'], stage: number, like: Span): Span | undefined =>
          spans.find(
            (span) =>
              span.kind === kind &&
              span.stage === stage &&
              span.microbatch === like.microbatch &&
              span.step === like.step,
          );
        const transfer = costs.transfer as (stage: number, microbatch: number) => number;
        for (const span of spans) {
          const { stage } = span;
          if (span.kind === 'forward' && stage > 0) {
            const arrival = find('forward', stage - 1, span)!.end + transfer(stage - 1, span.microbatch!);
            expect(span.start).toBeGreaterThanOrEqual(arrival);
          }
          if (span.kind === 'backwardInput' && stage + 1 < schedule.stages) {
            const arrival =
              find('backwardInput', stage + 1, span)!.end + transfer(stage + 1, span.microbatch!);
            expect(span.start).toBeGreaterThanOrEqual(arrival);
          }
        }
        for (let chip = 0; chip < schedule.chips.length; chip++) {
          const own = spans.filter((span) => span.chip === chip);
          expect(own).toHaveLength((3 * schedule.microbatches + 1) * steps);
          for (let index = 1; index < own.length; index++) {
            expect(own[index]!.start).toBeGreaterThanOrEqual(own[index - 1]!.end);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('every span lasts what the costs say', () => {
    const timeline = simulate(
      oneFOneB({ stages: 2, microbatches: 2 }),
      {
        forward: [1, 2],
        backwardInput: (stage, microbatch) => 10 + stage + 2 * microbatch,
        backwardWeight: 3,
        update: [0.5, 0.25],
        transfer: 4,
      },
      { steps: 2 },
    );
    const lasting = (kind: Span['kind'], chip: number): number[] =>
      timeline.spans
        .filter((span) => span.kind === kind && span.chip === chip)
        .map(({ start, end }) => end - start);
    expect(lasting('forward', 1)).toEqual([2, 2, 2, 2]);
    expect(lasting('backwardInput', 0)).toEqual([10, 12, 10, 12]);
    expect(lasting('backwardInput', 1)).toEqual([11, 13, 11, 13]);
    expect(lasting('update', 0)).toEqual([0.5, 0.5]);
    expect(timeline.spans.at(-1)).toMatchObject({ kind: 'update', step: 1, stage: 0 });
  });

  test('steps overlap: several take no longer than as many single ones, and at least their work', () => {
    fc.assert(
      fc.property(schedules, anyCosts, fc.integer({ min: 2, max: 4 }), (schedule, costs, steps) => {
        const one = makespan(simulate(schedule, costs));
        const many = simulate(schedule, costs, { steps });
        expect(makespan(many)).toBeLessThanOrEqual(one * steps + 1e-9);
        for (const { busy } of chipUse(many)) expect(busy).toBeLessThanOrEqual(makespan(many));
      }),
    );
  });

  test('a chip begins its next step before the others have finished theirs', () => {
    const { spans } = simulate(
      oneFOneB({ stages: 2, microbatches: 2, eagerGradients: true }),
      { forward: 1, backwardInput: 1, backwardWeight: [1, 5], transfer: 0 },
      { steps: 2 },
    );
    const lastOfFirstStep = Math.max(...spans.filter(({ step }) => step === 0).map(({ end }) => end));
    const firstOfSecond = Math.min(...spans.filter(({ step }) => step === 1).map(({ start }) => start));
    expect(firstOfSecond).toBeLessThan(lastOfFirstStep);
  });

  test('eager gradients, shorter transfers and wider channels never make it longer', () => {
    fc.assert(
      fc.property(shape, anyCosts, fc.integer({ min: 1, max: 4 }), (options, costs, channelCapacity) => {
        const usual = oneFOneB(options);
        const base = makespan(simulate(usual, costs));
        const eager = oneFOneB({ ...options, eagerGradients: true });
        expect(makespan(simulate(eager, costs))).toBeLessThanOrEqual(base + 1e-9);
        expect(makespan(simulate(usual, { ...costs, transfer: 0 }))).toBeLessThanOrEqual(base + 1e-9);
        const narrow = makespan(simulate(usual, costs, { channelCapacity }));
        const wider = makespan(simulate(usual, costs, { channelCapacity: channelCapacity + 1 }));
        expect(base).toBeLessThanOrEqual(wider + 1e-9);
        expect(wider).toBeLessThanOrEqual(narrow + 1e-9);
      }),
    );
  });
});

test('a full channel holds its sender back', () => {
  const schedule = gpipe({ stages: 2, microbatches: 4 });
  const costs = { forward: [1, 10], backwardInput: 1, backwardWeight: 1, transfer: 0 };
  const starts = (channelCapacity?: number): number[] =>
    simulate(schedule, costs, { channelCapacity })
      .spans.filter(({ chip, kind }) => chip === 0 && kind === 'forward')
      .map(({ start }) => start);
  expect(starts()).toEqual([0, 1, 2, 3]);
  // Chip 1 takes tensors at 1, 11, 21 and 31. The third, ready at 3, fits in when the second is taken, at 11.
  expect(starts(1)).toEqual([0, 1, 2, 11]);
  expect(starts(2)).toEqual([0, 1, 2, 3]);
});

describe('what is refused', () => {
  const costs = { forward: 1, backwardInput: 1, backwardWeight: 1, transfer: 0 };

  test('a schedule that is not correct', () => {
    const schedule = oneFOneB({ stages: 2, microbatches: 2 });
    schedule.chips[1]!.splice(2, 1);
    expect(() => simulate(schedule, costs)).toThrow('is missing');
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a time of %d', (forward) => {
    expect(() => simulate(gpipe({ stages: 1, microbatches: 1 }), { ...costs, forward })).toThrow(
      CostModelError,
    );
  });

  test('a stage without a cost', () => {
    expect(() => simulate(gpipe({ stages: 2, microbatches: 1 }), { ...costs, backwardInput: [1] })).toThrow(
      'gives undefined ms for backwardInput of stage 1',
    );
  });
});
