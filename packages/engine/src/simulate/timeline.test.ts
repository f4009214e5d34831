import { expect, test } from 'vitest';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { simulate } from './simulate.ts';
import {
  bubbleRate,
  chipUse,
  idleShare,
  makespan,
  type Span,
  sliceSteps,
  sliceTime,
  type Timeline,
  timeWindow,
} from './timeline.ts';

const span = (chip: number, kind: Span['kind'], start: number, end: number, step = 0): Span => ({
  chip,
  kind,
  stage: chip,
  step,
  start,
  end,
});

const timeline: Timeline = {
  chips: 2,
  spans: [
    span(1, 'forward', 104, 107),
    span(0, 'forward', 100, 104),
    span(0, 'send', 104, 105),
    // Copied while computing: hidden, so it costs nothing.
    span(0, 'receive', 107, 108),
    span(0, 'backwardInput', 106, 110),
    span(1, 'update', 107, 108),
  ],
};

test('times run from the first start to the last end', () => {
  expect(timeWindow(timeline)).toEqual({ start: 100, end: 110 });
  expect(makespan(timeline)).toBe(10);
});

test('busy, copying and waiting add up to the window', () => {
  expect(chipUse(timeline)).toEqual([
    { busy: 8, transfer: 1, idle: 1, busyShare: 0.8 },
    { busy: 4, transfer: 0, idle: 6, busyShare: 0.4 },
  ]);
  expect(idleShare(timeline)).toBeCloseTo(0.35, 12);
  expect(chipUse(timeline, { start: 102, end: 107 })).toEqual([
    { busy: 3, transfer: 1, idle: 1, busyShare: 0.6 },
    { busy: 3, transfer: 0, idle: 2, busyShare: 0.6 },
  ]);
});

test('a chip that did nothing waited all the time', () => {
  expect(chipUse({ ...timeline, chips: 3 })[2]).toEqual({ busy: 0, transfer: 0, idle: 10, busyShare: 0 });
});

test('the bubble rate is that of the chip that is longest at its passes', () => {
  // Chip 0 is at it from 100 to 110 and computes for 8.
  expect(bubbleRate(timeline)).toBeCloseTo(0.2, 12);
});

test('a bubble rate of several steps weighs each by its cost', () => {
  const spans = [
    span(0, 'forward', 0, 1),
    span(0, 'backwardInput', 3, 4),
    span(0, 'forward', 100, 104, 1),
    span(0, 'backwardWeight', 104, 106, 1),
  ];
  expect(bubbleRate({ chips: 1, spans })).toBeCloseTo(2 / 10, 12);
  const once = oneFOneB({ stages: 3, microbatches: 5 });
  const costs = { forward: 3, backwardInput: 2, backwardWeight: 1, transfer: 0.5 };
  expect(bubbleRate(simulate(once, costs, { steps: 4 }))).toBeCloseTo(bubbleRate(simulate(once, costs)), 12);
});

test('an empty timeline has no length and no waiting', () => {
  const empty = { chips: 2, spans: [] };
  expect(makespan(empty)).toBe(0);
  expect(bubbleRate(empty)).toBe(0);
  expect(idleShare(empty)).toBe(0);
  expect(chipUse(empty)[0]).toEqual({ busy: 0, transfer: 0, idle: 0, busyShare: 0 });
});

test('slices keep the steps asked for, or cut spans at the edges', () => {
  const steps = simulate(
    oneFOneB({ stages: 2, microbatches: 2 }),
    { forward: 1, backwardInput: 1, backwardWeight: 1, transfer: 0 },
    { steps: 4 },
  );
  expect([...new Set(sliceSteps(steps, 1, 3).spans.map(({ step }) => step))].sort()).toEqual([1, 2]);
  expect(sliceTime(timeline, { start: 103, end: 105 }).spans).toEqual([
    span(1, 'forward', 104, 105),
    span(0, 'forward', 103, 104),
    span(0, 'send', 104, 105),
  ]);
});
