import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchedule } from './check.ts';
import { formatSchedule } from './format.ts';
import { gpipe } from './gpipe.ts';

test('all forwards, then all backwards in the same order', () => {
  expect(formatSchedule(gpipe({ stages: 2, microbatches: 3 }))).toBe(
    ['F0 F1 F2 B0 W0 B1 W1 B2 W2 U', 'F0 F1 F2 B0 W0 B1 W1 B2 W2 U'].join('\n'),
  );
});

test('any shape is correct, with room for one tensor in a channel, and every stage holds all microbatches', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 20 }), (stages, microbatches) => {
      const { peakActivations } = checkSchedule(gpipe({ stages, microbatches }), { channelCapacity: 1 });
      expect(peakActivations).toEqual(Array.from({ length: stages }, () => microbatches));
    }),
  );
});

test.each([0, 1.5, Number.POSITIVE_INFINITY])('%d microbatches are refused', (count) => {
  expect(() => gpipe({ stages: 2, microbatches: count })).toThrow(`can't have ${count} microbatches`);
});
