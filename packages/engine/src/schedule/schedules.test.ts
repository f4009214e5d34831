import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../simulate/simulate.ts';
import { bubbleRate, chipUse, makespan } from '../simulate/timeline.ts';
import { checkSchedule } from './check.ts';
import { formatSchedule } from './format.ts';
import { passesOf, type Schedule } from './instruction.ts';
import { replicated } from './replicas.ts';
import { ScheduleError } from './schedule-error.ts';
import {
  makeSchedule,
  mostInstructions,
  type ScheduleCounts,
  type ScheduleName,
  scheduleNames,
} from './schedules.ts';

/** Times of the parts into which the literature cuts the model. */
interface Times {
  F: number;
  B: number;
  W: number;
}

const times = fc.record({
  F: fc.integer({ min: 1, max: 9 }),
  B: fc.integer({ min: 1, max: 9 }),
  W: fc.integer({ min: 1, max: 9 }),
});
const few = (max: number) => fc.integer({ min: 1, max });

function timed(name: ScheduleName, counts: ScheduleCounts, { F, B, W }: Times, transfer = 0) {
  const { schedule, stagesPerPart: v } = makeSchedule(name, counts);
  const { peakActivations } = checkSchedule(schedule);
  const timeline = simulate(schedule, {
    forward: F / v,
    backwardInput: B / v,
    backwardWeight: W / v,
    transfer,
  });
  return { schedule, timeline, peaks: peakActivations.map((peak) => peak / v) };
}

/** Longest span of a chip in which it waits, from its bubble rate. */
function bubble({ timeline }: ReturnType<typeof timed>, work: number): number {
  const rate = bubbleRate(timeline);
  return (work * rate) / (1 - rate);
}

const check = (property: fc.IRawProperty<unknown>) => fc.assert(property, { seed: 1, numRuns: 150 });

describe('closed forms of the literature, for any counts and times', () => {
  test.each(['gpipe', '1f1b'] as const)('%s waits (p - 1)(F + B + W)', (name) => {
    check(
      fc.property(few(8), few(20), times, (stages, microbatches, t) => {
        const run = timed(name, { stages, microbatches }, t);
        const part = t.F + t.B + t.W;
        expect(makespan(run.timeline)).toBeCloseTo((microbatches + stages - 1) * part, 9);
        expect(run.peaks).toEqual(
          Array.from({ length: stages }, (_, stage) =>
            name === 'gpipe' ? microbatches : Math.min(stages - stage, microbatches),
          ),
        );
      }),
    );
  });

  test('1f1b with eager gradients waits (p - 1)(F + B)', () => {
    check(
      fc.property(few(8), few(20), times, (stages, extra, t) => {
        const microbatches = stages + extra;
        const run = timed('1f1b-eager', { stages, microbatches }, t);
        const least = microbatches * (t.F + t.B + t.W) + (stages - 1) * (t.F + t.B);
        expect(makespan(run.timeline)).toBeGreaterThanOrEqual(least - 1e-9);
        expect(makespan(run.timeline)).toBeLessThanOrEqual(least + (stages - 1) * t.W + 1e-9);
      }),
    );
  });

  test('interleaved-1f1b waits (p - 1)(F + B + W)/v and holds p(1 + (p - 1)/(pv)) microbatches', () => {
    check(
      fc.property(few(6), fc.integer({ min: 2, max: 4 }), few(4), times, (stages, chunks, groups, t) => {
        const microbatches = stages * (groups + 1);
        const run = timed('interleaved-1f1b', { stages, microbatches, chunks }, t);
        const part = t.F + t.B + t.W;
        expect(makespan(run.timeline)).toBeCloseTo(microbatches * part + ((stages - 1) * part) / chunks, 9);
        expect(Math.max(...run.peaks)).toBeCloseTo(stages * (1 + (stages - 1) / (stages * chunks)), 9);
      }),
    );
  });

  test('zb-h1 waits (p - 1)(F + B - W) with p activations, if W is no longer than F and than B', () => {
    check(
      fc.property(few(8), few(20), times, (stages, extra, t) => {
        fc.pre(t.W <= t.F && t.W <= t.B);
        const microbatches = stages + extra;
        const run = timed('zb-h1', { stages, microbatches }, t);
        const work = microbatches * (t.F + t.B + t.W);
        expect(bubble(run, work)).toBeCloseTo((stages - 1) * (t.F + t.B - t.W), 6);
        expect(Math.max(...run.peaks)).toBe(stages);
      }),
    );
  });

  test('zb-h2 waits (p - 1)(F + B - 2W) with 2p - 1 activations, if W is no longer than F and than B', () => {
    check(
      fc.property(few(8), few(20), times, (stages, extra, t) => {
        fc.pre(t.W <= t.F && t.W <= t.B);
        const microbatches = 2 * stages + extra;
        const run = timed('zb-h2', { stages, microbatches }, t);
        const work = microbatches * (t.F + t.B + t.W);
        expect(bubble(run, work)).toBeCloseTo((stages - 1) * Math.max(0, t.F + t.B - 2 * t.W), 6);
        expect(Math.max(...run.peaks)).toBe(2 * stages - 1);
      }),
    );
  });

  test('zb-v does not wait if F = B = W, and holds p activations on every chip', () => {
    check(
      fc.property(few(8), few(20), few(9), (stages, extra, time) => {
        const microbatches = 2 * stages - 2 + extra;
        const run = timed('zb-v', { stages, microbatches }, { F: time, B: time, W: time });
        expect(bubbleRate(run.timeline)).toBeCloseTo(0, 9);
        expect(new Set(run.peaks)).toEqual(new Set([stages]));
      }),
    );
  });

  test('zb-v stays within the memory of 1f1b whatever the counts', () => {
    check(
      fc.property(few(8), few(24), (stages, microbatches) => {
        const run = timed('zb-v', { stages, microbatches }, { F: 1, B: 1, W: 1 });
        expect(Math.max(...run.peaks)).toBeLessThanOrEqual(Math.min(stages, microbatches));
      }),
    );
  });

  test.each(['dualpipe', 'dualpipev'] as const)(
    '%s waits (p/2 - 1)(F&B + B - 3W) with p + 1 activations',
    (name) => {
      check(
        fc.property(few(5), few(8), (half, extra) => {
          const stages = 2 * half;
          const microbatches = name === 'dualpipe' ? 2 * stages + 2 * extra : stages + extra;
          // F&B + B - 3W of the published case, in which B is the whole backward pass: 3 + 2 - 3.
          const run = timed(name, { stages, microbatches }, { F: 1, B: 1, W: 1 });
          expect(new Set(chipUse(run.timeline).map(({ idle }) => idle))).toEqual(new Set([2 * (half - 1)]));
          expect(Math.max(...run.peaks)).toBe(stages + 1);
        }),
      );
    },
  );
});

const anyCounts = fc.record({
  stages: few(6),
  microbatches: few(24),
  chunks: few(3),
  replicas: few(3),
});

/** The schedule, or undefined where it refuses these counts. */
function made(name: ScheduleName, counts: ScheduleCounts): Schedule | undefined {
  try {
    return makeSchedule(name, counts).schedule;
  } catch (error) {
    if (error instanceof ScheduleError && error.reason === 'shape') return undefined;
    throw error;
  }
}

describe('every schedule', () => {
  test.each([...scheduleNames])('%s is correct for all counts that it takes, also as replicas', (name) => {
    let accepted = 0;
    check(
      fc.property(anyCounts, (counts) => {
        const schedule = made(name, counts);
        if (!schedule) return;
        accepted++;
        checkSchedule(schedule);
        const timeline = simulate(
          schedule,
          { forward: 1, backwardInput: 1.25, backwardWeight: 0.75, update: 0.5, transfer: 0.1 },
          { steps: 2 },
        );
        // Nothing is lost: what chips compute adds up to the work.
        const busy = chipUse(timeline).reduce((sum, use) => sum + use.busy, 0);
        const copies = schedule.placement.length;
        const work = 2 * schedule.stages * (schedule.microbatches * 3 + copies * 0.5);
        expect(busy).toBeCloseTo(work, 6);
      }),
    );
    expect(accepted).toBeGreaterThan(5);
  });

  test.each([...scheduleNames])('%s adds weight gradients in the order of microbatches', (name) => {
    check(
      fc.property(anyCounts, (counts) => {
        for (const list of made(name, counts)?.chips ?? []) {
          const latest = new Map<string, number>();
          for (const pass of list.flatMap(passesOf)) {
            if (pass.kind !== 'backwardWeight') continue;
            // The two directions of DualPipe meet on different stages of a chip.
            const key = String(pass.stage);
            expect(pass.microbatch).toBeGreaterThan(latest.get(key) ?? -1);
            latest.set(key, pass.microbatch);
          }
        }
      }),
    );
  });

  test.each([...scheduleNames])('%s has as many instructions as was foretold, or down to a third', (name) => {
    check(
      fc.property(anyCounts, (counts) => {
        const schedule = made(name, counts);
        if (!schedule) return;
        const instructions = schedule.chips.flat().length;
        const most = mostInstructions(name, counts);
        expect(most).toBeGreaterThanOrEqual(instructions);
        expect(most).toBeLessThanOrEqual(3 * instructions);
      }),
    );
  });

  test('is made twice alike', () => {
    for (const name of scheduleNames)
      expect(made(name, { stages: 4, microbatches: 8 })).toEqual(made(name, { stages: 4, microbatches: 8 }));
  });
});

describe('counts that make no schedule', () => {
  test.each<[ScheduleName, ScheduleCounts, string]>([
    ['dualpipe', { stages: 3, microbatches: 8 }, "pairs its stages and can't have 3: give an even number"],
    [
      'dualpipe',
      { stages: 4, microbatches: 9 },
      "sends half of the microbatches in at each end and can't have 9",
    ],
    ['dualpipe', { stages: 4, microbatches: 6 }, 'needs 8 microbatches or more'],
    ['dualpipev', { stages: 4, microbatches: 3 }, 'needs 4 microbatches or more'],
    ['dualpipev', { stages: 5, microbatches: 9 }, "can't have 5: give an even number"],
    ['interleaved-1f1b', { stages: 4, microbatches: 6 }, '6 is no multiple of that: give 8'],
    ['replicas', { stages: 2, microbatches: 3 }, "doesn't come out even: give 4"],
    ['1f1b', { stages: 2, microbatches: 3, replicas: 2 }, "doesn't come out even: give 4"],
    ['zb-h1', { stages: 0, microbatches: 3 }, "can't have 0 stages"],
    ['zb-v', { stages: 2, microbatches: 1.5 }, "can't have 1.5 microbatches"],
  ])('%s %j', (name, counts, message) => {
    expect(() => makeSchedule(name, counts)).toThrow(ScheduleError);
    expect(() => makeSchedule(name, counts)).toThrow(message);
  });

  test('are refused before instructions are counted', () => {
    expect(() => mostInstructions('zb-h1', { stages: 0, microbatches: 3 })).toThrow("can't have 0 stages");
    expect(() => mostInstructions('zb' as ScheduleName, { stages: 1, microbatches: 3 })).toThrow(
      'There is no schedule zb',
    );
  });
});

test('replicas of a pipeline: chips of their own, every second microbatch, one exchange', () => {
  const schedule = replicated(makeSchedule('1f1b', { stages: 2, microbatches: 2 }).schedule, 2);
  expect(schedule).toMatchObject({
    name: '2x 1f1b',
    microbatches: 4,
    placement: [
      [0, 1],
      [2, 3],
    ],
    copyOf: [0, 1, 0, 1],
  });
  expect(formatSchedule(schedule)).toBe(
    [
      'F0 F2 B0 W0 B2 W2 S U G',
      'F0 B0 W0 F2 B2 W2 S U G',
      'F1 F3 B1 W1 B3 W3 S U G',
      'F1 B1 W1 F3 B3 W3 S U G',
    ].join('\n'),
  );
});
