import fc from 'fast-check';
import { expect, test } from 'vitest';
import { warmUpConstant, warmUpCosine, warmUpLinear } from './learning-rate.ts';
import { TrainError } from './train-error.ts';

test('rises in a straight line, falls as it is called, and ends at the floor', () => {
  const options = { peak: 2, steps: 10, warmUp: 2, floor: 0.1 };
  const rates = (rate: (step: number) => number) => Array.from({ length: 11 }, (_, step) => rate(step));
  expect(rates(warmUpLinear(options)).slice(0, 3)).toEqual([1, 2, 2]);
  expect(warmUpLinear(options)(6)).toBeCloseTo(2 * (0.1 + 0.9 * 0.5), 12);
  expect(warmUpCosine(options)(6)).toBeCloseTo(2 * (0.1 + 0.9 * 0.5), 12);
  expect(warmUpCosine(options)(4)).toBeCloseTo(2 * (0.1 + (0.9 * (1 + Math.SQRT1_2)) / 2), 12);
  for (const rate of [warmUpLinear(options), warmUpCosine(options)]) expect(rate(10)).toBeCloseTo(0.2, 12);
  expect(new Set(rates(warmUpConstant(options)).slice(2))).toEqual(new Set([2]));
});

test('never leaves the range from floor to peak, and never rises after the warm-up', () => {
  const counts = fc.record({
    peak: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    steps: fc.integer({ min: 1, max: 60 }),
    warmUp: fc.integer({ min: 0, max: 20 }),
    floor: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(counts, (options) => {
      fc.pre(options.warmUp <= options.steps);
      for (const make of [warmUpCosine, warmUpLinear]) {
        const rate = make(options);
        for (let step = 0; step < options.steps; step++) {
          expect(rate(step)).toBeGreaterThan(-1e-12);
          expect(rate(step)).toBeLessThanOrEqual(options.peak * (1 + 1e-12));
          if (step > options.warmUp) expect(rate(step)).toBeLessThanOrEqual(rate(step - 1) * (1 + 1e-12));
        }
      }
    }),
    { seed: 1 },
  );
});

test.each([{ peak: 0 }, { warmUp: 9 }, { floor: 2 }, { steps: 0 }])('refuses %j', (change) => {
  expect(() => warmUpCosine({ peak: 1, steps: 5, ...change })).toThrow(TrainError);
});
