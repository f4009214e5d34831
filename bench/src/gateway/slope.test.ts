import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slopeOf } from './slope.ts';

test('of a straight line it is the line’s slope, whatever it begins with', () => {
  const number = fc.double({ min: -1000, max: 1000, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.integer({ min: 2, max: 50 }), (start, slope, count) => {
      const values = Array.from({ length: count }, (_, i) => start + slope * i);
      expect(slopeOf(values)).toBeCloseTo(slope, 6);
    }),
  );
});

test('what lies as far above the line as below does not tilt it', () => {
  expect(slopeOf([1, -1, -1, 1])).toBe(0);
});
