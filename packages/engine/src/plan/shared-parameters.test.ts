import { describe, expect, test } from 'vitest';
import { compileStages } from '../compile/stages.ts';
import { parameterGroups } from '../run/parameter-groups.ts';
import { scheduleFor } from '../run/schedule-for.ts';
import { smallModel } from '../run/testing/small-run.ts';
import { makeSchedule, type ScheduleCounts, type ScheduleName } from '../schedule/schedules.ts';
import { sequential } from '../schedule/sequential.ts';
import { dividedUpdates } from './divided-updates.ts';
import { handedOut } from './handed-out.ts';

const weight = 12 * 12;
const bias = 12;
/** Four layers and a loss, each a stage; the first and the last layer share their weight. */
const stages = compileStages(smallModel(4, true), [0, 1, 2, 3]);
const schedule = scheduleFor(stages, sequential({ stages: 5, microbatches: 2 }));
const groups = parameterGroups(stages, schedule, false);

describe('groups of parameters', () => {
  test('have the same users, and the chips of all their copies', () => {
    const { schedule: pipeline } = makeSchedule('1f1b', { stages: 5, microbatches: 4, replicas: 2 });
    const found = parameterGroups(stages, pipeline, true).map((group) => ({
      stages: group.stages,
      names: group.parameters.map(({ name }) => name),
      holders: group.holders,
    }));
    expect(found).toEqual([
      { stages: [0, 3], names: ['layer0.weight'], holders: [0, 3, 5, 8] },
      { stages: [0], names: ['layer0.bias'], holders: [0, 5] },
      { stages: [1], names: ['layer1.weight', 'layer1.bias'], holders: [1, 6] },
      { stages: [2], names: ['layer2.weight', 'layer2.bias'], holders: [2, 7] },
      { stages: [3], names: ['layer3.bias'], holders: [3, 8] },
    ]);
  });

  test('are on a chip once, whatever it executes', () => {
    const { schedule: dual } = makeSchedule('dualpipe', { stages: 2, microbatches: 4 });
    const [shared] = parameterGroups(compileStages(smallModel(4, true), [1]), dual, false);
    expect(shared).toMatchObject({ stages: [0, 1], holders: [0, 1] });
  });
});

describe('measured updates', () => {
  test('of a shared weight are charged to its users in equal parts', () => {
    // On one chip the last update of the step, that of stage 0, moves the weight.
    const divided = dividedUpdates([weight + bias, 0.5, 0.25, bias, 0.125], groups, schedule.chips[0]);
    expect(divided).toEqual([weight / 2 + bias, 0.5, 0.25, weight / 2 + bias, 0.125]);
  });

  test('stay where they are if nothing is shared', () => {
    const own = compileStages(smallModel(), [0, 1, 2, 3]);
    const plain = sequential({ stages: 5, microbatches: 2 });
    const measured = [1, 2, 3, 4, 5];
    expect(dividedUpdates(measured, parameterGroups(own, plain, false), plain.chips[0])).toEqual(measured);
  });
});

describe('what is handed out', () => {
  const of = (name: ScheduleName, counts: ScheduleCounts, cuts: number[]) =>
    handedOut(compileStages(smallModel(4, true), cuts), makeSchedule(name, counts).schedule);

  test.each<[string, ScheduleName, ScheduleCounts, number[], number[]]>([
    [
      'half of the weight by each of two',
      '1f1b',
      { stages: 2, microbatches: 2 },
      [1],
      [weight / 2, weight / 2],
    ],
    ['nothing between stages of one chip', 'zb-v', { stages: 2, microbatches: 3 }, [0, 1, 2], [0, 0, 0, 0]],
    [
      'half of everything by replicas',
      'replicas',
      { stages: 2, microbatches: 2 },
      [1],
      [weight / 4 + weight / 2 + bias, weight / 4 + weight / 2 + bias],
    ],
    [
      'three quarters of the weight by each of four',
      '1f1b',
      { stages: 2, microbatches: 4, replicas: 2 },
      [1],
      [0.75 * weight + weight / 2 + bias, 0.75 * weight + weight / 2 + bias],
    ],
  ])('%s', (_, name, counts, cuts, expected) => {
    expect(of(name, counts, cuts)).toEqual(expected);
  });
});
