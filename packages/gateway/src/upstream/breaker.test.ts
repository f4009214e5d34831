import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker, type Leave } from './breaker.ts';

function breaker(settings = { failures: 3, windowMs: 1_000, openMs: 500 }) {
  const clock = { now: 0 };
  const switches: boolean[] = [];
  const one = new Breaker(
    settings,
    () => clock.now,
    (isOpen) => switches.push(isOpen),
  );
  const enter = (): Leave => {
    const leave = one.enter();
    if (typeof leave === 'number') throw new Error(`It is open for ${leave} ms.`);
    return leave;
  };
  return { one, clock, switches, enter };
}

test('it opens after so many failures, for so long, and one call tries for all', () => {
  const { one, clock, switches, enter } = breaker();
  for (let i = 0; i < 3; i += 1) enter().bad();
  expect(switches).toEqual([true]);
  expect(one.enter()).toBe(500);
  clock.now = 400;
  expect(one.enter()).toBe(100);
  clock.now = 500;
  const probe = enter();
  expect(one.enter()).toBe(500);
  probe.bad();
  expect(one.enter()).toBe(500);
  clock.now = 1_000;
  enter().good();
  expect(switches).toEqual([true, false]);
  // What was counted before is forgotten.
  enter().bad();
  expect(typeof one.enter()).toBe('object');
});

test('a probe whose client left leaves the next one to try', () => {
  const { one, clock, enter } = breaker();
  for (let i = 0; i < 3; i += 1) enter().bad();
  clock.now = 500;
  enter().unknown();
  const probe = enter();
  expect(one.enter()).toBe(500);
  probe.good();
  expect(typeof one.enter()).toBe('object');
});

test('failures that lie too far apart, or among many good answers, open nothing', () => {
  const { switches, clock, enter } = breaker();
  for (let i = 0; i < 20; i += 1) {
    enter().bad();
    clock.now += 600;
  }
  expect(switches).toEqual([]);
  clock.now += 2_000;
  for (let i = 0; i < 100; i += 1) enter().good();
  for (let i = 0; i < 99; i += 1) enter().bad();
  expect(switches).toEqual([]);
  enter().bad();
  expect(switches).toEqual([true]);
});

test('an outcome counts once, and one that was under way when it opened changes nothing', () => {
  const { one, switches, enter } = breaker();
  const late = [enter(), enter()];
  const twice = enter();
  twice.bad();
  twice.bad();
  expect(switches).toEqual([]);
  enter().bad();
  enter().bad();
  expect(switches).toEqual([true]);
  for (const leave of late) leave.good();
  expect(one.enter()).toBe(500);
});

test('answers that break off open it too', () => {
  const { one, switches, enter } = breaker();
  for (let i = 0; i < 3; i += 1) {
    enter().good();
    one.failed();
  }
  expect(switches).toEqual([true]);
});

test('whatever happens: never two probes at once, and open for as long as was said', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const) }),
    fc.record({
      kind: fc.constantFrom('good' as const, 'bad' as const, 'unknown' as const),
      which: fc.nat(),
    }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 700 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { one, clock, switches } = breaker();
      let closedUntil = Number.NEGATIVE_INFINITY;
      const under: Leave[] = [];
      let probe: Leave | undefined;
      for (const each of steps) {
        const wasOpen = switches.at(-1) === true;
        if (each.kind === 'wait') clock.now += each.ms;
        else if (each.kind === 'enter') {
          const leave = one.enter();
          if (typeof leave === 'number') {
            expect(wasOpen).toBe(true);
            expect(leave).toBeGreaterThan(0);
          } else if (wasOpen) {
            expect(clock.now).toBeGreaterThanOrEqual(closedUntil);
            expect(probe).toBeUndefined();
            probe = leave;
          } else under.push(leave);
        } else {
          const leave = probe ?? under[each.which % Math.max(1, under.length)];
          if (!leave) continue;
          leave[each.kind]();
          const reopened = leave === probe && each.kind === 'bad';
          if (leave === probe) probe = undefined;
          if (reopened || (!wasOpen && switches.at(-1) === true)) closedUntil = clock.now + 500;
        }
      }
    }),
  );
});
