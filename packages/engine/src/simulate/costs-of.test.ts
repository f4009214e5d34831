import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dualPipe } from '../schedule/dualpipe.ts';
import { gpipe } from '../schedule/gpipe.ts';
import { oneFOneB } from '../schedule/one-f-one-b.ts';
import { costsOf } from './costs-of.ts';
import { simulate } from './simulate.ts';
import { makespan, type Span, type Timeline } from './timeline.ts';

const cost = fc.double({ min: 0.1, max: 10, noNaN: true });

test('what was simulated under some costs gives those costs again', () => {
  const model = fc.integer({ min: 1, max: 4 }).chain((stages) => {
    const each = fc.array(cost, { minLength: stages, maxLength: stages });
    return fc.record({
      stages: fc.constant(stages),
      microbatches: fc.integer({ min: 1, max: 5 }),
      forward: each,
      backwardInput: each,
      backwardWeight: each,
      update: each,
    });
  });
  fc.assert(
    fc.property(model, ({ stages, microbatches, ...costs }) => {
      const schedule = oneFOneB({ stages, microbatches });
      const timeline = simulate(schedule, { ...costs, transfer: 0 }, { steps: 2 });
      const found = costsOf(timeline);
      for (const [kind, times] of Object.entries(costs))
        times.forEach((time, stage) => {
          expect((found[kind as keyof typeof costs] as number[])[stage]).toBeCloseTo(time, 9);
        });
      expect(found.transfer).toEqual(times(stages, 0));
      // And under what was found it takes as long again, whatever the schedule.
      for (const other of [schedule, gpipe({ stages, microbatches })])
        expect(makespan(simulate(other, found))).toBeCloseTo(
          makespan(simulate(other, { ...costs, transfer: 0 })),
          6,
        );
    }),
    { seed: 1 },
  );
});

const times = (count: number, time: number) => Array.from({ length: count }, () => time);

test('a transfer is both copies, by the stage that made the tensor; the median leaves out what stands apart', () => {
  const span = (
    chip: number,
    kind: Span['kind'],
    microbatch: number,
    length: number,
    payload?: Span['payload'],
  ): Span => ({ chip, kind, stage: chip, microbatch, payload, step: 0, start: 10, end: 10 + length });
  const timeline: Timeline = {
    chips: 3,
    spans: [
      ...[2, 3, 100].map((length, microbatch) => span(0, 'forward', microbatch, length)),
      ...[1, 1, 50].map((length, microbatch) => span(0, 'send', microbatch, length, 'activation')),
      ...[2, 4, 60].map((length, microbatch) => span(1, 'receive', microbatch, length, 'activation')),
      span(1, 'send', 0, 0.5, 'activation'),
      span(2, 'receive', 0, 0.25, 'activation'),
      span(1, 'send', 0, 7, 'gradient'),
      span(0, 'receive', 0, 8, 'gradient'),
      span(2, 'send', 0, 0.125, 'gradient'),
      // Received beyond the part of the run that is looked at: half a transfer says nothing.
      span(2, 'send', 1, 9, 'gradient'),
      span(1, 'receive', 0, 0.125, 'gradient'),
    ],
  };
  expect(costsOf(timeline)).toEqual({
    forward: [3, 0, 0],
    backwardInput: [0, 0, 0],
    backwardWeight: [0, 0, 0],
    update: [0, 0, 0],
    scatter: [0, 0, 0],
    gather: [0, 0, 0],
    transfer: [5, (0.75 + 15) / 2, 0.25],
  });
});

test('overlapped pairs cost what they took, and as much as their halves where there were none', () => {
  const schedule = dualPipe({ stages: 4, microbatches: 12 });
  const costs = {
    forward: 2,
    backwardInput: 3,
    backwardWeight: 1,
    overlapped: [4, 4.5, 5, 5.5],
    transfer: 0,
  };
  const timeline = simulate(schedule, costs);
  expect(costsOf(timeline)).toMatchObject({
    forward: times(4, 2),
    backwardInput: times(4, 3),
    backwardWeight: times(4, 1),
    overlapped: costs.overlapped,
  });
  expect(makespan(simulate(schedule, costsOf(timeline)))).toBeCloseTo(makespan(timeline), 9);
  const few = timeline.spans.filter(({ kind, stage }) => kind !== 'overlapped' || stage !== 2);
  expect(costsOf({ ...timeline, spans: few }).overlapped).toEqual([4, 4.5, 6, 5.5]);
});

test('nothing happened, nothing costs', () => {
  expect(costsOf({ chips: 2, spans: [] }).forward).toEqual([]);
});
