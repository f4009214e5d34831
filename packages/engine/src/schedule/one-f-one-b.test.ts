import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSchedule } from './check.ts';
import { formatSchedule } from './format.ts';
import { oneFOneB } from './one-f-one-b.ts';

const shape = fc.record({
  stages: fc.integer({ min: 1, max: 9 }),
  microbatches: fc.integer({ min: 1, max: 20 }),
  eagerGradients: fc.boolean(),
});

test('orders are those of the definition', () => {
  expect(formatSchedule(oneFOneB({ stages: 3, microbatches: 4 }))).toBe(
    [
      'F0 F1 F2 B0 W0 F3 B1 W1 B2 W2 B3 W3 U',
      'F0 F1 B0 W0 F2 B1 W1 F3 B2 W2 B3 W3 U',
      'F0 B0 W0 F1 B1 W1 F2 B2 W2 F3 B3 W3 U',
    ].join('\n'),
  );
});

test('the gradient leaves after W, or eagerly after B', () => {
  const last = (eagerGradients: boolean) =>
    formatSchedule(oneFOneB({ stages: 2, microbatches: 2, eagerGradients }), { transfers: true }).split(
      '\n',
    )[1];
  expect(last(false)).toBe('<a0 F0 B0 W0 >g0 <a1 F1 B1 W1 >g1 U');
  expect(last(true)).toBe('<a0 F0 B0 >g0 W0 <a1 F1 B1 >g1 W1 U');
});

test('a single stage needs no other chip', () => {
  const schedule = oneFOneB({ stages: 1, microbatches: 2 });
  expect(formatSchedule(schedule, { transfers: true })).toBe('F0 B0 W0 F1 B1 W1 U');
  expect(checkSchedule(schedule)).toEqual({ peakActivations: [1] });
});

test('any shape is correct, with room for one tensor in a channel, and stage i holds min(p - i, m) activations', () => {
  fc.assert(
    fc.property(shape, (options) => {
      const { peakActivations } = checkSchedule(oneFOneB(options), { channelCapacity: 1 });
      expect(peakActivations).toEqual(
        Array.from({ length: options.stages }, (_, stage) =>
          Math.min(options.stages - stage, options.microbatches),
        ),
      );
    }),
  );
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  '%d stages or microbatches are refused',
  (count) => {
    expect(() => oneFOneB({ stages: count, microbatches: 1 })).toThrow(`can't have ${count} stages`);
    expect(() => oneFOneB({ stages: 1, microbatches: count })).toThrow(`can't have ${count} microbatches`);
  },
);
