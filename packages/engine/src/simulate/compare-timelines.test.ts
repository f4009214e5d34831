import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSchedule, scheduleNames } from '../schedule/schedules.ts';
import { ComparisonError, compareTimelines } from './compare-timelines.ts';
import { costsOf } from './costs-of.ts';
import { simulate } from './simulate.ts';
import { makespan, type Span, sliceSteps, type Timeline } from './timeline.ts';

const span = (chip: number, kind: Span['kind'], start: number, end: number, step = 0): Span => ({
  chip,
  kind,
  stage: chip,
  step,
  start,
  end,
});

const simulated: Timeline = {
  chips: 2,
  spans: [
    span(0, 'forward', 0, 3),
    span(1, 'forward', 3, 6),
    span(1, 'backwardInput', 6, 8),
    span(0, 'update', 8, 10),
  ],
};
/** On another clock, in another step, with copies. */
const real: Timeline = {
  chips: 2,
  spans: [
    span(0, 'forward', 1000, 1004, 41),
    span(0, 'send', 1004, 1005, 41),
    span(1, 'receive', 1005, 1007, 41),
    span(1, 'forward', 1007, 1010, 41),
    span(1, 'backwardInput', 1010, 1013, 41),
    span(0, 'update', 1014, 1020, 41),
  ],
};

test('times of the same step on different clocks, side by side', () => {
  expect(compareTimelines(simulated, real)).toEqual({
    steps: 1,
    simulated,
    real: {
      chips: 2,
      spans: real.spans.map((one) => ({ ...one, start: one.start - 1000, end: one.end - 1000 })),
    },
    makespan: { simulated: 10, real: 20, difference: 10, ratio: 2 },
    stepTime: { simulated: 10, real: 20, difference: 10, ratio: 2 },
    chips: [
      {
        simulated: { busy: 5, transfer: 0, idle: 5, busyShare: 0.5 },
        real: { busy: 10, transfer: 1, idle: 9, busyShare: 0.5 },
      },
      {
        simulated: { busy: 5, transfer: 0, idle: 5, busyShare: 0.5 },
        real: { busy: 6, transfer: 2, idle: 12, busyShare: 0.3 },
      },
    ],
    kinds: [
      { kind: 'forward', simulated: 6, real: 7, difference: 1, ratio: 7 / 6 },
      { kind: 'backwardInput', simulated: 2, real: 3, difference: 1, ratio: 1.5 },
      { kind: 'send', simulated: 0, real: 1, difference: 1, ratio: null },
      { kind: 'receive', simulated: 0, real: 2, difference: 2, ratio: null },
      { kind: 'update', simulated: 2, real: 6, difference: 4, ratio: 3 },
    ],
  });
});

test('the latest steps of each, as many as both have or fewer', () => {
  const several: Timeline = {
    chips: 2,
    spans: [
      span(0, 'forward', 0, 100, 7),
      span(0, 'forward', 100, 103, 8),
      span(1, 'forward', 101, 105, 8),
      span(0, 'forward', 105, 110, 9),
    ],
  };
  expect(compareTimelines(several, several, { steps: 1 })).toMatchObject({
    steps: 1,
    makespan: { simulated: 5, real: 5 },
  });
  const two = sliceSteps(several, 8, 10);
  for (const comparison of [compareTimelines(several, two), compareTimelines(two, several)])
    expect(comparison).toMatchObject({
      steps: 2,
      makespan: { simulated: 10, real: 10, difference: 0, ratio: 1 },
      stepTime: { simulated: 5, real: 5 },
      chips: [{ real: { busy: 8, idle: 2 } }, { real: { busy: 4, idle: 6 } }],
    });
});

const cost = fc.double({ min: 0.1, max: 10, noNaN: true });
const run = fc.record({
  name: fc.constantFrom(...scheduleNames),
  stages: fc.constantFrom(2, 4),
  steps: fc.integer({ min: 1, max: 3 }),
  costs: fc.record({
    forward: cost,
    backwardInput: cost,
    backwardWeight: cost,
    update: cost,
    overlapped: cost,
    scatter: cost,
    gather: cost,
    transfer: fc.constant(0),
  }),
});

test('a run that goes as its costs say takes as long as is simulated from them, under any schedule', () => {
  fc.assert(
    fc.property(run, fc.integer({ min: -1e6, max: 1e6 }), ({ name, stages, steps, costs }, zero) => {
      const { schedule } = makeSchedule(name, { stages, microbatches: 8 });
      const timeline = simulate(schedule, costs, { steps });
      // Another clock, and other numbers of the steps.
      const measured = {
        ...timeline,
        spans: timeline.spans.map((one) => ({
          ...one,
          step: one.step + 100,
          start: one.start + zero,
          end: one.end + zero,
        })),
      };
      const found = compareTimelines(simulate(schedule, costsOf(measured), { steps }), measured);
      expect(found.steps).toBe(steps);
      expect(found.makespan.real).toBeCloseTo(makespan(timeline), 6);
      for (const pair of [found.makespan, found.stepTime, ...found.kinds]) {
        expect(pair.difference).toBeCloseTo(0, 5);
        expect(pair.ratio).toBeCloseTo(1, 6);
      }
      for (const chip of found.chips) expect(chip.real.busyShare).toBeCloseTo(chip.simulated.busyShare, 6);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('each chip spends its whole makespan, and a slower clock changes all times alike', () => {
  fc.assert(
    fc.property(
      run,
      fc.double({ min: 0.5, max: 4, noNaN: true }),
      ({ name, stages, steps, costs }, factor) => {
        const timeline = simulate(makeSchedule(name, { stages, microbatches: 8 }).schedule, costs, { steps });
        const slower = {
          ...timeline,
          spans: timeline.spans.map((one) => ({ ...one, start: one.start * factor, end: one.end * factor })),
        };
        const found = compareTimelines(timeline, slower);
        for (const pair of [found.makespan, found.stepTime, ...found.kinds])
          expect(pair.ratio).toBeCloseTo(factor, 9);
        expect(found.chips).toHaveLength(timeline.chips);
        for (const chip of found.chips)
          for (const side of ['simulated', 'real'] as const) {
            const { busy, transfer, idle } = chip[side];
            expect(busy + transfer + idle).toBeCloseTo(found.makespan[side], 6);
          }
        const total = (side: 'simulated' | 'real') => found.kinds.reduce((sum, pair) => sum + pair[side], 0);
        const spent = timeline.spans.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(total('simulated')).toBeCloseTo(spent, 6);
        expect(total('real')).toBeCloseTo(spent * factor, 6);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test('where nothing happened, or nothing took any time, no figure is other than a number', () => {
  const none = { simulated: 0, real: 0, difference: 0, ratio: null };
  const idle = { busy: 0, transfer: 0, idle: 0, busyShare: 0 };
  const empty: Timeline = { chips: 1, spans: [] };
  const instant: Timeline = { chips: 1, spans: [span(0, 'forward', 5, 5)] };
  const nothing = { steps: 0, makespan: none, stepTime: none, chips: [{ simulated: idle, real: idle }] };
  expect(compareTimelines(empty, empty)).toMatchObject({ ...nothing, kinds: [] });
  expect(compareTimelines(empty, instant)).toMatchObject({ ...nothing, kinds: [] });
  expect(compareTimelines({ chips: 0, spans: [] }, { chips: 0, spans: [] }).chips).toEqual([]);
  expect(compareTimelines(instant, instant)).toMatchObject({
    ...nothing,
    steps: 1,
    kinds: [{ kind: 'forward', ...none }],
  });
});

test('what cannot be compared ends in one sentence', () => {
  const refused = (run: () => unknown) => {
    expect(run).toThrow(ComparisonError);
    try {
      run();
    } catch (error) {
      return error as ComparisonError;
    }
    return undefined;
  };
  expect(refused(() => compareTimelines({ chips: 1, spans: [] }, real))).toMatchObject({
    code: 'timelines_not_comparable',
    message:
      'The simulated timeline is of 1 chip and the real one of 2 chips: simulate the schedule that was run.',
  });
  for (const steps of [2, -1, 0.5, Number.NaN])
    expect(refused(() => compareTimelines(simulated, real, { steps }))?.message).toBe(
      `There are 1 steps to compare and ${steps} were asked for: give a whole number from 0 to 1, or simulate more steps.`,
    );
});
