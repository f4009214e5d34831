import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KolbenError } from '../error.ts';
import { type CheckOptions, checkSchedule } from './check.ts';
import { dualPipe } from './dualpipe.ts';
import { formatSchedule } from './format.ts';
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import { gpipe } from './gpipe.ts';
import type { Instruction, Schedule } from './instruction.ts';
import { oneFOneB } from './one-f-one-b.ts';
import { replicas } from './replicas.ts';
import { ScheduleError } from './schedule-error.ts';
import { sequential } from './sequential.ts';

const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    make: fc.constantFrom(
      oneFOneB,
      (shape: { stages: number; microbatches: number }) => oneFOneB({ ...shape, eagerGradients: true }),
      gpipe,
      sequential,
    ),
    stages: fc.integer({ min: 1, max: 5 }),
    microbatches: fc.integer({ min: 1, max: 7 }),
  })
  .map(({ make, ...shape }) => make(shape));

/** A schedule and one of its instructions, `chips[chip][position]`. */
const instructionsOfSchedules = schedules.chain((schedule) =>
  fc
    .nat({ max: schedule.chips.length - 1 })
    .chain((chip) =>
      fc.nat({ max: schedule.chips[chip]!.length - 1 }).map((position) => ({ schedule, chip, position })),
    ),
);

function refusal(schedule: Schedule, options?: CheckOptions): ScheduleError {
  try {
    checkSchedule(schedule, options);
  } catch (error) {
    if (error instanceof ScheduleError) return error;
    throw error;
  }
  throw new Error('The schedule was accepted.');
}

function accepted(schedule: Schedule): boolean {
  try {
    checkSchedule(schedule);
    return true;
  } catch (error) {
    if (error instanceof ScheduleError) return false;
    throw error;
  }
}

/** `schedule` with the list of `chip` changed. */
function edited(schedule: Schedule, chip: number, edit: (list: Instruction[]) => void): Schedule {
  const copy = structuredClone(schedule);
  edit(copy.chips[chip]!);
  return copy;
}

function swapped(schedule: Schedule, chip: number, a: number, b: number): Schedule {
  return edited(schedule, chip, (list) => {
    [list[a], list[b]] = [list[b]!, list[a]!];
  });
}

/**
 * Another way to judge an order, for schedules with nothing missing: draw an arrow from every instruction to
 * those that must follow, receives in the order of their sends, and look for a circle.
 */
function isAcyclic({ chips, stages, microbatches, placement: [placement = []] }: Schedule): boolean {
  const nodes = chips.flatMap((list, chip) => list.map((instruction) => ({ chip, instruction })));
  const find = (wanted: Partial<Record<string, unknown>>): number =>
    nodes.findIndex(({ instruction }) =>
      Object.entries(wanted).every(
        ([key, value]) => (instruction as unknown as Record<string, unknown>)[key] === value,
      ),
    );
  const arrows: [number, number][] = [];
  const arrow = (from: number, to: number): void => {
    if (from >= 0 && to >= 0) arrows.push([from, to]);
  };
  for (let index = 1; index < nodes.length; index++) {
    if (nodes[index]!.chip === nodes[index - 1]!.chip) arrow(index - 1, index);
  }
  for (let stage = 0; stage < stages; stage++) {
    for (let microbatch = 0; microbatch < microbatches; microbatch++) {
      const at = (kind: string, where = stage, payload?: string): number =>
        find(payload ? { kind, stage: where, microbatch, payload } : { kind, stage: where, microbatch });
      arrow(at('forward'), at('backwardInput'));
      arrow(at('backwardInput'), at('backwardWeight'));
      arrow(at('backwardWeight'), find({ kind: 'update', stage }));
      if (placement[stage + 1] === undefined) continue;
      const up = stage + 1;
      if (placement[up] === placement[stage]) {
        arrow(at('forward'), at('forward', up));
        arrow(at('backwardInput', up), at('backwardInput'));
      } else {
        arrow(at('forward'), at('send', stage, 'activation'));
        arrow(at('send', stage, 'activation'), at('receive', up, 'activation'));
        arrow(at('receive', up, 'activation'), at('forward', up));
        arrow(at('backwardInput', up), at('send', up, 'gradient'));
        arrow(at('send', up, 'gradient'), at('receive', stage, 'gradient'));
        arrow(at('receive', stage, 'gradient'), at('backwardInput'));
      }
    }
  }
  for (let stage = 0; stage < stages; stage++) {
    for (const payload of ['activation', 'gradient']) {
      const order = (kind: string, where: number): unknown[] =>
        nodes.flatMap(({ instruction }) =>
          instruction.kind === kind &&
          'payload' in instruction &&
          instruction.payload === payload &&
          instruction.stage === where
            ? [instruction.microbatch]
            : [],
        );
      const receiver = payload === 'activation' ? stage + 1 : stage - 1;
      if (String(order('send', stage)) !== String(order('receive', receiver))) return false;
    }
  }
  const incoming = nodes.map(() => 0);
  for (const [, to] of arrows) incoming[to]!++;
  const free = nodes.flatMap((_, index) => (incoming[index] === 0 ? [index] : []));
  let removed = 0;
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    removed++;
    for (const [from, to] of arrows) if (from === next && --incoming[to]! === 0) free.push(to);
  }
  return removed === nodes.length;
}

describe('mutations', () => {
  test('a dropped instruction is named as missing', () => {
    fc.assert(
      fc.property(instructionsOfSchedules, ({ schedule, chip, position }) => {
        const error = refusal(edited(schedule, chip, (list) => list.splice(position, 1)));
        expect(error.reason).toBe('missing');
        expect(error.place).toEqual({
          chip,
          position: schedule.chips[chip]!.length - 1,
          instruction: schedule.chips[chip]![position],
        });
      }),
    );
  });

  test('a repeated instruction is named as a duplicate', () => {
    fc.assert(
      fc.property(instructionsOfSchedules, fc.nat(), ({ schedule, chip, position }, where) => {
        const list = schedule.chips[chip]!;
        const at = position + 1 + (where % (list.length - position));
        const instruction = { ...list[position]! };
        const error = refusal(edited(schedule, chip, (copy) => copy.splice(at, 0, instruction)));
        expect(error.reason).toBe('duplicate');
        expect(error.place).toEqual({ chip, position: at, instruction });
      }),
    );
  });

  test('two swapped instructions are accepted exactly when nothing goes round in a circle', () => {
    fc.assert(
      fc.property(instructionsOfSchedules, fc.nat(), ({ schedule, chip, position }, other) => {
        const mutant = swapped(schedule, chip, position, other % schedule.chips[chip]!.length);
        expect(accepted(mutant)).toBe(isAcyclic(mutant));
      }),
      { numRuns: 300 },
    );
  });

  test('an instruction moved to another chip is misplaced', () => {
    fc.assert(
      fc.property(instructionsOfSchedules, ({ schedule, chip, position }) => {
        fc.pre(schedule.chips.length > 1);
        const copy = structuredClone(schedule);
        const [instruction] = copy.chips[chip]!.splice(position, 1);
        copy.chips[(chip + 1) % copy.chips.length]!.unshift(instruction!);
        expect(refusal(copy).reason).toBe('misplaced');
      }),
    );
  });
});

describe('reasons', () => {
  // chip 0: F0 >a0 F1 >a1 <g0 B0 W0 <g1 B1 W1 U     chip 1: <a0 F0 B0 W0 >g0 <a1 F1 B1 W1 >g1 U
  const schedule = oneFOneB({ stages: 2, microbatches: 2 });

  test('weight gradients before the input gradient', () => {
    const error = refusal(swapped(schedule, 0, 5, 6));
    expect(error).toMatchObject({
      code: 'schedule_invalid',
      reason: 'order',
      place: { chip: 0, position: 5 },
    });
    expect(KolbenError.isInstance(error)).toBe(true);
    expect(error.message).toBe(
      'Schedule 1f1b, chip 0, instruction 5: the weight gradient of microbatch 0 on stage 0 comes before the input gradient of microbatch 0 on stage 0, instruction 6, on which it depends: move it behind.',
    );
  });

  test('a forward before its activation is there', () => {
    expect(refusal(swapped(schedule, 1, 0, 1)).message).toContain(
      'chip 1, instruction 0: the forward of microbatch 0 on stage 1 comes before the receive of the activation of microbatch 0 for stage 1 from chip 0',
    );
  });

  test('a send before the pass that makes the tensor', () => {
    expect(refusal(swapped(schedule, 0, 0, 1)).message).toContain(
      'the send of the activation of microbatch 0 from stage 0 to chip 1 comes before the forward of microbatch 0',
    );
  });

  test('an update before the last weight gradient', () => {
    expect(refusal(swapped(schedule, 0, 9, 10)).message).toContain(
      'the update of stage 0 comes before the weight gradient of microbatch 1 on stage 0',
    );
  });

  test('sends out of the order of their receives', () => {
    const late = edited(schedule, 0, (list) => {
      const [first] = list.splice(1, 1);
      list.splice(3, 0, first!);
    });
    expect(refusal(late)).toMatchObject({ reason: 'mismatch', place: { chip: 1, position: 0 } });
    expect(refusal(late).message).toContain('meets the send of the activation of microbatch 1');
  });

  test('chips that wait for each other', () => {
    const stuck = edited(schedule, 0, (list) => {
      const [receive] = list.splice(4, 1);
      list.splice(0, 0, receive!);
    });
    const error = refusal(stuck);
    expect(error).toMatchObject({ reason: 'deadlock', place: { chip: 0, position: 0 } });
    expect(error.message).toContain(
      'chip 0 at instruction 0 with the receive of the gradient of microbatch 0',
    );
    expect(error.message).toContain(
      'chip 1 at instruction 0 with the receive of the activation of microbatch 0',
    );
  });

  test('channels too small', () => {
    // Chip 0 sends three activations before it does anything else; chip 1 wants a gradient after the first.
    const passes = (kinds: ('forward' | 'backward')[], stage: number): OrderedPass[] =>
      [0, 1, 2].flatMap((microbatch) => kinds.map((kind) => ({ kind, stage, microbatch })));
    const schedule = scheduleFromOrders({
      name: 'hairpin',
      stages: 3,
      microbatches: 3,
      placement: [[0, 1, 0]],
      orders: [
        [...passes(['forward'], 0), ...passes(['forward', 'backward'], 2), ...passes(['backward'], 0)],
        passes(['forward', 'backward'], 1),
      ],
    });
    expect(checkSchedule(schedule, { channelCapacity: 2 })).toEqual({ peakActivations: [4, 1] });
    const error = refusal(schedule, { channelCapacity: 1 });
    expect(error).toMatchObject({
      reason: 'deadlock',
      place: { chip: 0, instruction: { kind: 'send', microbatch: 2 } },
    });
    expect(error.message).toContain('when a channel holds 1');
  });

  test('too many live activations', () => {
    const error = refusal(gpipe({ stages: 2, microbatches: 5 }), { maxActivations: [5, 3] });
    expect(error).toMatchObject({
      reason: 'memory',
      place: { chip: 1, instruction: { kind: 'forward', microbatch: 3 } },
    });
    expect(error.message).toContain('makes 4 activations live at once where 3 are allowed');
    expect(checkSchedule(gpipe({ stages: 2, microbatches: 5 }), { maxActivations: 5 })).toEqual({
      peakActivations: [5, 5],
    });
  });

  test('a wrong peer', () => {
    const wrong = edited(oneFOneB({ stages: 3, microbatches: 1 }), 0, (list) => {
      list[1] = { kind: 'send', payload: 'activation', stage: 0, microbatch: 0, peer: 2 };
    });
    expect(refusal(wrong)).toMatchObject({ reason: 'misplaced', place: { chip: 0, position: 1 } });
    expect(refusal(wrong).message).toContain('must deal with chip 1');
  });

  test('a send from the last stage', () => {
    const wrong = edited(schedule, 1, (list) => {
      list.splice(2, 0, { kind: 'send', payload: 'activation', stage: 1, microbatch: 0, peer: 0 });
    });
    expect(refusal(wrong).message).toContain('has no other chip to deal with');
  });

  test.each<[string, Partial<Schedule>, string]>([
    ['no microbatches', { microbatches: 0 }, "can't have 0 microbatches"],
    ['half a stage', { stages: 0.5 }, "can't have 0.5 stages"],
    ['too few places', { placement: [[0]] }, 'places 1 stages in copy 0 but has 2'],
    ['no place', { placement: [] }, 'places no copy of its stages'],
    [
      'two copies on one chip',
      {
        placement: [
          [0, 1],
          [1, 1],
        ],
      },
      'places two copies of stage 1 on chip 1',
    ],
    ['a copy that is not there', { copyOf: [0, 1] }, 'sends microbatch 1 through copy 1 but has 1'],
    ['too few microbatches placed', { copyOf: [0] }, 'says for 1 microbatches which copy'],
    ['a chip without a list', { placement: [[0, 2]] }, 'places stage 1 on chip 2 but has lists for 2 chips'],
    [
      'an instruction beyond the last microbatch',
      { microbatches: 1, copyOf: [0] },
      "names a microbatch that doesn't exist",
    ],
    [
      'an instruction beyond the last stage',
      { chips: [[{ kind: 'update', stage: 2, copy: 0 }], []] },
      "chip 0, instruction 0: the update of stage 2 names a stage that doesn't exist",
    ],
  ])('%s', (_, change, message) => {
    const error = refusal({ ...schedule, ...change });
    expect(error.message).toContain(message);
  });

  test('a channel without room', () => {
    expect(refusal(schedule, { channelCapacity: 0 }).message).toContain("can't hold 0 tensors");
  });
});

describe('copies that exchange gradients', () => {
  const schedule = replicas({ replicas: 2, stages: 2, microbatches: 2 });
  const at = (kind: Instruction['kind'], stage: number) =>
    schedule.chips[0]!.findIndex((one) => one.kind === kind && 'stage' in one && one.stage === stage);

  test('each chip scatters what is done, then updates, then gathers', () => {
    expect(formatSchedule(schedule)).toBe(
      [
        'F0.0 F0.1 B0.1 W0.1 S.1 B0.0 W0.0 S.0 U.1 U.0 G.1 G.0',
        'F1.0 F1.1 B1.1 W1.1 S.1 B1.0 W1.0 S.0 U.1 U.0 G.1 G.0',
      ].join('\n'),
    );
    expect(checkSchedule(schedule)).toEqual({ peakActivations: [2, 2] });
  });

  test('a scatter that is missing', () => {
    const wrong = edited(schedule, 0, (list) => list.splice(at('scatter', 1), 1));
    expect(refusal(wrong)).toMatchObject({
      reason: 'missing',
      place: { instruction: { kind: 'scatter', stage: 1 } },
    });
  });

  test('a scatter before the last weight gradient', () => {
    const wrong = swapped(schedule, 0, at('backwardWeight', 1), at('scatter', 1));
    expect(refusal(wrong).message).toContain('the scatter of stage 1 comes before the weight gradient');
  });

  test('an update before all of the chip has been handed out', () => {
    const wrong = swapped(schedule, 1, at('scatter', 0), at('update', 1));
    expect(refusal(wrong).message).toContain(
      'the update of stage 1, copy 1 comes before the scatter of stage 0, copy 1',
    );
  });

  test('a gather before an update', () => {
    const wrong = swapped(schedule, 0, at('update', 0), at('gather', 1));
    expect(refusal(wrong).message).toContain('the gather of stage 1 comes before the update of stage 0');
  });

  test('a copy that the schedule has not', () => {
    const wrong = edited(schedule, 0, (list) => {
      list[at('update', 0)] = { kind: 'update', stage: 0, copy: 2 };
    });
    expect(refusal(wrong).message).toContain("names a copy that doesn't exist: they run from 0 to 1");
  });

  test('both halves of an overlapped pair count', () => {
    const dual = dualPipe({ stages: 2, microbatches: 4 });
    const pair = dual.chips[0]!.findIndex(({ kind }) => kind === 'overlapped');
    const without = edited(dual, 0, (list) => list.splice(pair, 1));
    expect(refusal(without).reason).toBe('missing');
    const twice = edited(dual, 0, (list) => list.push(list[pair]!));
    expect(refusal(twice)).toMatchObject({ reason: 'duplicate' });
    expect(refusal(dual, { maxActivations: 2 }).message).toContain('makes 3 activations live at once');
  });
});
