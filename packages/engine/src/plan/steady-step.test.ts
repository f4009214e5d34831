import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gpipe } from '../schedule/gpipe.ts';
import { sequential } from '../schedule/sequential.ts';
import { simulate } from '../simulate/simulate.ts';
import { steadyStep } from './steady-step.ts';

const costs = { forward: 1, backwardInput: 2, backwardWeight: 3, update: 4, transfer: 0 };

test('on one chip a step is its work, and nobody waits', () => {
  const timeline = simulate(sequential({ stages: 2, microbatches: 3 }), costs, { steps: 4 });
  expect(steadyStep(timeline, 1)).toEqual({ ms: 2 * (3 * 6 + 4), bubble: 0 });
});

test('the busiest chip sets the pace; who waits how long adds up', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (stages, microbatches) => {
      const timeline = simulate(gpipe({ stages, microbatches }), costs, { steps: 5 });
      const { ms, bubble } = steadyStep(timeline, 2);
      const work = microbatches * 6 + 4;
      expect(ms).toBeGreaterThanOrEqual(work - 1e-9);
      expect(bubble).toBeCloseTo(1 - work / ms, 9);
    }),
    { seed: 1 },
  );
});

test('of a single step there is nothing to say', () => {
  expect(steadyStep({ chips: 1, spans: [] }, 0)).toEqual({ ms: 0, bubble: 0 });
});
