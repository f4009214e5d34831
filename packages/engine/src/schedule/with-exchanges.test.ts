import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSchedule } from './check.ts';
import { formatSchedule } from './format.ts';
import { isExchanged } from './holders.ts';
import type { Instruction, Schedule } from './instruction.ts';
import { oneFOneB } from './one-f-one-b.ts';
import { replicated } from './replicas.ts';
import { ScheduleError } from './schedule-error.ts';
import { makeSchedule, scheduleNames } from './schedules.ts';
import { withExchanges } from './with-exchanges.ts';

/** Any schedule of the registry that these counts allow. */
const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    name: fc.constantFrom(...scheduleNames),
    stages: fc.integer({ min: 1, max: 4 }),
    groups: fc.integer({ min: 1, max: 2 }),
    replicas: fc.integer({ min: 1, max: 2 }),
  })
  .filter(({ name, stages }) => !name.startsWith('dualpipe') || stages % 2 === 0)
  .map(({ name, stages, groups, replicas }) => {
    const least = name.startsWith('dualpipe') ? 2 * stages : stages;
    const microbatches = replicas * least * groups;
    return makeSchedule(name, { stages, microbatches, replicas }).schedule;
  });

const sharing = schedules.chain((schedule) =>
  fc
    .array(fc.uniqueArray(fc.nat(schedule.stages - 1), { minLength: 1, maxLength: 3 }), { maxLength: 4 })
    .map((groups) => ({ schedule, shared: groups.map((group) => group.sort((a, b) => a - b)) })),
);

const check = (property: fc.IRawProperty<unknown>) => fc.assert(property, { seed: 1, numRuns: 400 });

const ofStages = ({ kind }: Instruction) => kind === 'scatter' || kind === 'update' || kind === 'gather';

function refusal(schedule: Schedule): ScheduleError {
  try {
    checkSchedule(schedule);
  } catch (error) {
    if (error instanceof ScheduleError) return error;
    throw error;
  }
  throw new Error('The schedule was accepted.');
}

/** `schedule` with the list of `chip` changed. */
function edited(schedule: Schedule, chip: number, edit: (list: Instruction[]) => void): Schedule {
  const copy = structuredClone(schedule);
  edit(copy.chips[chip]!);
  return copy;
}

/** The position of the n-th instruction for a whole stage, counted round. */
function stagePosition(list: readonly Instruction[], nth: number): number {
  const positions = list.flatMap((one, position) => (ofStages(one) ? [position] : []));
  return positions[nth % positions.length]!;
}

/** What the checker must find out about whole stages, looked up in the list by positions alone. */
function isInOrder({ shared }: Schedule, list: readonly Instruction[]): boolean {
  const stageOf = (one: Instruction) => (one.kind === 'overlapped' ? one.backward.stage : one.stage);
  const lastWeights = (stages: readonly number[]) =>
    list.findLastIndex(
      (one) => (one.kind === 'backwardWeight' || one.kind === 'overlapped') && stages.includes(stageOf(one)),
    );
  const positions = (kind: Instruction['kind'], of = (_stage: number) => true) =>
    list.flatMap((one, position) => (one.kind === kind && of(stageOf(one)) ? [position] : []));
  const exchanged = new Set(positions('scatter').map((position) => stageOf(list[position]!)));
  const isExchangedHere = (stage: number) => exchanged.has(stage);
  const updates = positions('update', isExchangedHere);
  const sharers = (stage: number) => [stage, ...shared.filter((group) => group.includes(stage)).flat()];
  return (
    positions('scatter').every((at) => at > lastWeights([stageOf(list[at]!)])) &&
    positions('update').every((at) => at > lastWeights(sharers(stageOf(list[at]!)))) &&
    updates.every((at) => at > Math.max(...positions('scatter'))) &&
    positions('gather').every((at) => at > Math.max(...updates))
  );
}

describe('any schedule, whatever its stages share', () => {
  test('is correct, and its passes and transfers stay where they were', () => {
    check(
      fc.property(sharing, ({ schedule, shared }) => {
        const made = withExchanges(schedule, shared);
        expect(checkSchedule(made)).toEqual(checkSchedule(schedule));
        expect(made.chips.map((list) => list.filter((one) => !ofStages(one)))).toEqual(
          schedule.chips.map((list) => list.filter((one) => !ofStages(one))),
        );
        expect(withExchanges(made, shared)).toEqual(made);
      }),
    );
  });

  test('exchanges exactly what lives on several chips', () => {
    check(
      fc.property(sharing, ({ schedule, shared }) => {
        const made = withExchanges(schedule, shared);
        const scattered = made.chips.flat().flatMap((one) => (one.kind === 'scatter' ? [one] : []));
        for (let stage = 0; stage < made.stages; stage++) {
          const chips = made.placement.flatMap((homes) =>
            homes.filter(
              (_, other) => other === stage || shared.some((g) => g.includes(stage) && g.includes(other)),
            ),
          );
          const expected = new Set(chips).size > 1;
          expect(isExchanged(made, stage)).toBe(expected);
          expect(scattered.filter((one) => one.stage === stage)).toHaveLength(
            expected ? made.placement.length : 0,
          );
        }
      }),
    );
  });

  test('on every chip all is handed out before the first wait, and moved before the first gather', () => {
    check(
      fc.property(sharing, ({ schedule, shared }) => {
        for (const list of withExchanges(schedule, shared).chips) {
          const last = (kind: Instruction['kind']) => list.findLastIndex((one) => one.kind === kind);
          const gather = list.findIndex(({ kind }) => kind === 'gather');
          const wait = list.findIndex(
            (one) =>
              one.kind === 'update' &&
              list.some((other) => other.kind === 'scatter' && other.stage === one.stage),
          );
          if (gather < 0) continue;
          expect(wait).toBeGreaterThan(last('scatter'));
          expect(gather).toBeGreaterThan(last('update'));
        }
      }),
    );
  });

  test('lacks nothing that could be left out', () => {
    check(
      fc.property(sharing, fc.nat(), fc.nat(), ({ schedule, shared }, chips, nth) => {
        const made = withExchanges(schedule, shared);
        const chip = chips % made.chips.length;
        const position = stagePosition(made.chips[chip]!, nth);
        const error = refusal(edited(made, chip, (list) => list.splice(position, 1)));
        expect(error.reason).toBe('missing');
        expect(error.place?.instruction).toEqual(made.chips[chip]![position]);
      }),
    );
  });

  test('with two instructions swapped, is accepted exactly when no weight moves too early and nobody waits too soon', () => {
    let refused = 0;
    check(
      fc.property(sharing, fc.nat(), fc.nat(), fc.nat(), ({ schedule, shared }, chips, nth, other) => {
        const made = withExchanges(schedule, shared);
        const chip = chips % made.chips.length;
        const list = made.chips[chip]!;
        const [a, b] = [stagePosition(list, nth), stagePosition(list, other)];
        const mutant = edited(made, chip, (copy) => {
          [copy[a], copy[b]] = [copy[b]!, copy[a]!];
        });
        const right = isInOrder(mutant, mutant.chips[chip]!);
        if (right) checkSchedule(mutant);
        else expect(refusal(mutant).reason).toBe('order');
        refused += Number(!right);
      }),
    );
    expect(refused).toBeGreaterThan(20);
  });

  test('without sharing is what it was', () => {
    check(
      fc.property(schedules, (schedule) => {
        expect(withExchanges(schedule, [])).toEqual(schedule);
      }),
    );
  });
});

describe('two chips that share', () => {
  const schedule = withExchanges(oneFOneB({ stages: 2, microbatches: 2 }), [[0, 1]]);

  test('each scatters what is done, then updates, then gathers', () => {
    expect(formatSchedule(schedule)).toBe(['F0 F1 B0 W0 B1 W1 S U G', 'F0 B0 W0 F1 B1 W1 S U G'].join('\n'));
    expect(formatSchedule(replicated(schedule, 2))).toBe(
      [
        'F0 F2 B0 W0 B2 W2 S U G',
        'F0 B0 W0 F2 B2 W2 S U G',
        'F1 F3 B1 W1 B3 W3 S U G',
        'F1 B1 W1 F3 B3 W3 S U G',
      ].join('\n'),
    );
    expect(withExchanges(schedule, [])).toEqual(oneFOneB({ stages: 2, microbatches: 2 }));
  });

  test('stages between them are updated as soon as they are done', () => {
    const three = withExchanges(oneFOneB({ stages: 3, microbatches: 1 }), [[0, 2]]);
    expect(formatSchedule(three)).toBe(['F0 B0 W0 S U G', 'F0 B0 W0 U', 'F0 B0 W0 S U G'].join('\n'));
  });

  test('an update that does not wait for the other is refused where it stands', () => {
    const early = edited(schedule, 1, (list) => {
      const [scatter] = list.splice(
        list.findIndex(({ kind }) => kind === 'scatter'),
        1,
      );
      list.push(scatter!);
    });
    expect(refusal(early).message).toContain('the update of stage 1 comes before the scatter of stage 1');
  });

  test('gathers before updates, crosswise, would wait for ever', () => {
    const stuck = structuredClone(schedule);
    for (const list of stuck.chips) list.push(list.splice(list.length - 2, 1)[0]!);
    expect(refusal(stuck).message).toContain('the gather of stage 0 comes before the update of stage 0');
  });
});

describe('stages of one chip that share', () => {
  const zbV = makeSchedule('zb-v', { stages: 2, microbatches: 3 }).schedule;

  test('exchange nothing, and are updated when the gradients of both are complete', () => {
    const schedule = withExchanges(zbV, [[0, 3]]);
    expect(formatSchedule(schedule).split('\n')[0]).toMatch(/ W2\.3 .*W2\.0 U\.3 U\.0$/);
    expect(schedule.chips.flat().some(({ kind }) => kind === 'scatter')).toBe(false);
    expect(schedule.chips[1]).toEqual(zbV.chips[1]);
  });

  test('wait for what others share with one of them', () => {
    // Stages 0 and 3 are on chip 0, stages 1 and 2 on chip 1.
    const schedule = withExchanges(zbV, [
      [0, 1],
      [0, 2],
      [0, 3],
    ]);
    expect(checkSchedule(schedule)).toEqual(checkSchedule(zbV));
    expect(formatSchedule(schedule).split('\n')[0]).toMatch(/ W2\.0 S\.0 U\.3 U\.0 G\.0$/);
    expect(formatSchedule(schedule).split('\n')[1]).toMatch(/ S\.2 .* S\.1 U\.2 U\.1 G\.2 G\.1$/);
  });

  test('an update between the weight gradients of the two is refused', () => {
    const early = { ...zbV, shared: [[0, 3]] };
    expect(refusal(early).message).toMatch(
      /the update of stage 3 comes before the weight gradient of microbatch \d on stage 0/,
    );
  });

  test('a stage that does not exist', () => {
    expect(refusal({ ...zbV, shared: [[0, 4]] }).message).toContain(
      'shares parameters with stage 4 but has 4 stages',
    );
  });
});
