import type { WatchRules } from '@kolben/gateway/config';
import { type Route, routes } from '@kolben/store';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep, type Step, type WatchedStudent, type WatchedTask } from './next-step.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const rules: fc.Arbitrary<WatchRules> = fc.record({
  calls: fc.integer({ min: 50, max: 2000 }),
  newCalls: fc.integer({ min: 1, max: 2000 }),
  shadowCalls: fc.integer({ min: 0, max: 500 }),
  minimumCoverage: share,
  alpha: fc.constant(0.05),
  delta: fc.constant(0.05),
  timeBudget: fc.constant(300),
  chips: fc.constant(2),
  every: fc.constant(60),
});
const student: fc.Arbitrary<WatchedStudent> = fc.record({
  id: fc.constant('s1'),
  certificate: fc.option(fc.record({ alpha: fc.constantFrom(0.02, 0.05, 0.2), coverage: share })),
  withdrawn: fc.boolean(),
  shadow: fc.tuple(fc.nat(800), fc.nat(300), fc.nat(40)).map(([more, compared, disagreed]) => ({
    calls: compared + disagreed + more,
    certified: compared + disagreed,
    compared: compared + disagreed,
    disagreed,
  })),
  barred: fc.uniqueArray(fc.constantFrom<Route>('shadow', 'cascade'), { maxLength: 2 }),
});
const task: fc.Arbitrary<WatchedTask> = fc
  .record({
    route: fc.constantFrom(...routes),
    student: fc.option(student),
    calls: fc.nat(4000),
    share: share,
    distilled: fc.boolean(),
    begun: fc.option(fc.constant(new Date(0))),
    pinned: fc.boolean(),
    refusal: fc.option(fc.constant({ message: 'The terms of a forbid it.', values: { provider: 'a' } })),
  })
  .map(({ share: part, ...rest }) => ({ ...rest, newCalls: Math.floor(rest.calls * part) }));

/** What becomes of a task by a step, as long as no call comes in. */
function after(one: WatchedTask, step: Step, made: WatchedStudent | null): WatchedTask {
  switch (step.kind) {
    case 'wait':
      return one;
    case 'route': {
      const { bars } = step;
      const barred = (of: WatchedStudent) => (bars ? [...of.barred, bars] : of.barred);
      return {
        ...one,
        route: step.to,
        student: one.student && { ...one.student, barred: barred(one.student) },
      };
    }
    case 'distil':
      return { ...one, begun: null, newCalls: 0, distilled: true, student: made ?? one.student };
  }
}

describe('the next step of a watched task', () => {
  it('puts into daily work only a student that may and has been in the shadow', () => {
    fc.assert(
      fc.property(task, rules, (one, given) => {
        const step = nextStep(one, given);
        if (step.kind !== 'route' || step.to === 'teacher') return;
        expect(one.student).not.toBeNull();
        const { certificate, withdrawn, barred, shadow } = one.student!;
        expect(withdrawn).toBe(false);
        expect(certificate!.coverage).toBeGreaterThanOrEqual(given.minimumCoverage);
        expect(barred).not.toContain(step.to);
        expect(one.route).toBe(step.to === 'cascade' ? 'shadow' : 'teacher');
        if (step.to === 'cascade') expect(shadow.calls).toBeGreaterThanOrEqual(given.shadowCalls);
      }),
      { numRuns: 2000 },
    );
  });

  it('distils of enough calls only, and never beside a student of the configuration', () => {
    fc.assert(
      fc.property(task, rules, (one, given) => {
        const step = nextStep(one, given);
        if (step.kind !== 'distil') return;
        expect(one.refusal).toBeNull();
        if (step.from) {
          expect(one.begun).toEqual(step.from);
          return;
        }
        expect(one.calls).toBeGreaterThanOrEqual(given.calls);
        expect(one.pinned).toBe(false);
        if (one.student || one.distilled) expect(one.newCalls).toBeGreaterThanOrEqual(given.newCalls);
      }),
      { numRuns: 2000 },
    );
  });

  it('comes to rest where no call comes in, whatever students come of it', () => {
    fc.assert(
      fc.property(task, rules, fc.option(student), (one, given, made) => {
        let now = one;
        for (let steps = 0; steps < 8; steps++) {
          const step = nextStep(now, given);
          if (step.kind === 'wait') return;
          const then = after(now, step, made);
          expect(then).not.toEqual(now);
          now = then;
        }
        expect.unreachable('It goes on for ever.');
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves the route student, and a withdrawn student’s calls to the teacher', () => {
    fc.assert(
      fc.property(task, rules, (one, given) => {
        const step = nextStep({ ...one, begun: null }, given);
        if (one.route === 'student') expect(step.kind).toBe('wait');
        else if (one.student?.withdrawn && one.route !== 'teacher')
          expect(step).toMatchObject({ kind: 'route', to: 'teacher' });
      }),
    );
  });

  it('takes a student out that disagrees in the shadow more than its certificate explains', () => {
    const shadow = (disagreed: number) => ({ calls: 300, certified: 200, compared: 200, disagreed });
    const given = fc.sample(rules, 1)[0]!;
    const one = (disagreed: number): WatchedTask => ({
      ...{
        route: 'shadow',
        calls: 0,
        newCalls: 0,
        distilled: true,
        begun: null,
        pinned: false,
        refusal: null,
      },
      student: {
        ...{ id: 's', withdrawn: false, barred: [], shadow: shadow(disagreed) },
        certificate: { alpha: 0.05, coverage: 0.9 },
      },
    });
    const usual = { ...given, shadowCalls: 300, minimumCoverage: 0.2 };
    expect(nextStep(one(0), usual)).toMatchObject({ kind: 'route', to: 'cascade' });
    expect(nextStep(one(10), usual)).toMatchObject({ kind: 'route', to: 'cascade' });
    expect(nextStep(one(30), usual)).toMatchObject({ kind: 'route', to: 'teacher', bars: 'cascade' });
    expect(nextStep(one(0), { ...usual, shadowCalls: 301 })).toEqual({
      kind: 'wait',
      why: 'its student is to answer 1 more calls in the shadow',
      reason: { code: 'shadow_missing', values: { calls: 1 } },
    });
  });

  it('begins a second time only with new calls, also where the first student was no good', () => {
    const given = { ...fc.sample(rules, 1)[0]!, calls: 1000, newCalls: 500 };
    const one: WatchedTask = {
      ...{ route: 'teacher', student: null, calls: 1200, newCalls: 1200, distilled: false },
      ...{ begun: null, pinned: false, refusal: null },
    };
    expect(nextStep({ ...one, calls: 999, newCalls: 999 }, given).kind).toBe('wait');
    // Nobody is told to record more of what may not be learned from.
    const refusal = { message: 'The terms of a forbid it.', values: { provider: 'a' } };
    expect(nextStep({ ...one, calls: 30, newCalls: 30, refusal }, given)).toEqual({
      kind: 'wait',
      why: 'the terms of a forbid it',
      reason: { code: 'terms_forbidden', values: { provider: 'a' } },
    });
    expect(nextStep(one, given)).toMatchObject({ kind: 'distil', from: null });
    expect(nextStep({ ...one, distilled: true, newCalls: 499 }, given)).toEqual({
      kind: 'wait',
      why: "1 more new calls with a teacher's answer make the next dataset",
      reason: { code: 'new_calls_missing', values: { calls: 1 } },
    });
    expect(nextStep({ ...one, distilled: true, newCalls: 500 }, given).kind).toBe('distil');
    expect(nextStep({ ...one, begun: new Date(5) }, given)).toMatchObject({
      kind: 'distil',
      from: new Date(5),
    });
  });
});
