import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchedule } from './check.ts';
import { formatSchedule } from './format.ts';
import { sequential } from './sequential.ts';

test('one chip runs up and down the stages, microbatch by microbatch', () => {
  expect(formatSchedule(sequential({ stages: 2, microbatches: 2 }), { transfers: true })).toBe(
    'F0.0 F0.1 B0.1 W0.1 B0.0 W0.0 F1.0 F1.1 B1.1 W1.1 U.1 B1.0 W1.0 U.0',
  );
});

test('any shape is correct and holds one activation for each stage', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (stages, microbatches) => {
      expect(checkSchedule(sequential({ stages, microbatches }))).toEqual({ peakActivations: [stages] });
    }),
  );
});

test('no stages are refused', () => {
  expect(() => sequential({ stages: 0, microbatches: 1 })).toThrow("can't have 0 stages");
});
