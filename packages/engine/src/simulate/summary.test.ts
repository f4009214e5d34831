import { expect, test } from 'vitest';
import { summarizeSchedule } from './summary.ts';

const unit = { forward: 1, backwardInput: 1, backwardWeight: 1, transfer: 0 };

test('times, activations and parameters are those of the parts, however finely a schedule cuts them', () => {
  expect(summarizeSchedule('1f1b', { stages: 4, microbatches: 8 }, unit)).toMatchObject({
    makespan: 33,
    idlePerChip: [9, 9, 9, 9],
    peakActivations: [4, 3, 2, 1],
    parametersPerChip: 1,
  });
  expect(
    summarizeSchedule('interleaved-1f1b', { stages: 4, microbatches: 8, chunks: 2 }, unit),
  ).toMatchObject({
    makespan: 28.5,
    idlePerChip: [4.5, 4.5, 4.5, 4.5],
    parametersPerChip: 1,
  });
  expect(summarizeSchedule('zb-v', { stages: 4, microbatches: 8 }, unit)).toMatchObject({
    bubbleRate: 0,
    peakActivations: [4, 4, 4, 4],
    parametersPerChip: 1,
  });
  expect(
    summarizeSchedule('dualpipe', { stages: 4, microbatches: 8 }, { ...unit, overlapped: 3 }),
  ).toMatchObject({
    idlePerChip: [2, 2, 2, 2],
    peakActivations: [5, 5, 5, 5],
    parametersPerChip: 2,
  });
  expect(summarizeSchedule('replicas', { stages: 4, microbatches: 8 }, unit)).toMatchObject({
    makespan: 24,
    parametersPerChip: 4,
  });
});

test('an overlapped pair that is faster than its halves makes a step shorter', () => {
  const of = (overlapped: number) =>
    summarizeSchedule('dualpipe', { stages: 4, microbatches: 12 }, { ...unit, overlapped }).makespan;
  expect(of(2.5)).toBeLessThan(of(3));
});
