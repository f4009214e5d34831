import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchedule } from './check.ts';
import { formatSchedule } from './format.ts';
import { type OrderedPass, scheduleFromOrders } from './from-orders.ts';
import type { PassInstruction } from './instruction.ts';

/** Stages i and 2p - 1 - i on chip i, as in ZB-V and DualPipeV. */
const vPlacement = (chips: number): number[] =>
  Array.from({ length: 2 * chips }, (_, stage) => (stage < chips ? stage : 2 * chips - 1 - stage));

test('several stages on a chip: transfers only between chips, an update for each stage', () => {
  const pass = (kind: PassInstruction['kind'] | 'backward', stage: number): OrderedPass => ({
    kind,
    stage,
    microbatch: 0,
  });
  const schedule = scheduleFromOrders({
    name: 'v',
    stages: 4,
    microbatches: 1,
    placement: [vPlacement(2)],
    orders: [
      [
        pass('forward', 0),
        pass('forward', 3),
        pass('backwardInput', 3),
        pass('backward', 0),
        pass('backwardWeight', 3),
      ],
      [pass('forward', 1), pass('forward', 2), pass('backward', 2), pass('backward', 1)],
    ],
  });
  expect(formatSchedule(schedule, { transfers: true })).toBe(
    [
      'F0.0 >a0.0 <a0.3 F0.3 B0.3 >g0.3 <g0.0 B0.0 W0.0 U.0 W0.3 U.3',
      '<a0.1 F0.1 F0.2 >a0.2 <g0.2 B0.2 W0.2 U.2 B0.1 W0.1 >g0.1 U.1',
    ].join('\n'),
  );
  expect(checkSchedule(schedule)).toEqual({ peakActivations: [2, 2] });
});

test('whatever order chips can compute in is a correct schedule, two stages to a chip', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.infiniteStream(fc.nat()),
      (chips, microbatches, choices) => {
        const placement = vPlacement(chips);
        const stages = placement.length;
        // How many microbatches have been through F, B and W of each stage.
        const done = Array.from({ length: stages }, () => ({
          forward: 0,
          backwardInput: 0,
          backwardWeight: 0,
        }));
        const orders = Array.from({ length: chips }, (): OrderedPass[] => []);
        for (;;) {
          const ready = done.flatMap((stage, index): PassInstruction[] => {
            const forwards = index === 0 ? microbatches : done[index - 1]!.forward;
            const backwards = index === stages - 1 ? stage.forward : done[index + 1]!.backwardInput;
            return [
              ...(stage.forward < forwards ? ['forward' as const] : []),
              ...(stage.backwardInput < backwards ? ['backwardInput' as const] : []),
              ...(stage.backwardWeight < stage.backwardInput ? ['backwardWeight' as const] : []),
            ].map((kind) => ({ kind, stage: index, microbatch: stage[kind] }));
          });
          if (ready.length === 0) break;
          const next = ready[(choices.next().value as number) % ready.length]!;
          done[next.stage]![next.kind]++;
          orders[placement[next.stage]!]!.push(next);
        }
        const schedule = scheduleFromOrders({
          name: 'any',
          stages,
          microbatches,
          placement: [placement],
          orders,
        });
        for (const peak of checkSchedule(schedule).peakActivations) {
          expect(peak).toBeGreaterThanOrEqual(1);
          expect(peak).toBeLessThanOrEqual(2 * microbatches);
        }
      },
    ),
  );
});
