import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spanAt, spanNames, spans } from './span.ts';

test('a day in Berlin begins at midnight in Berlin', () => {
  const now = new Date('2026-11-28T22:59:59Z');
  expect(spanAt(now, 'week', -60)).toEqual({
    since: new Date('2026-11-21T23:00:00Z'),
    until: new Date('2026-11-28T23:00:00Z'),
    stepMs: 86_400_000,
  });
});

test('a span holds its present, and whole stretches', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      fc.constantFrom(...spanNames),
      fc.integer({ min: -840, max: 840 }),
      (now, name, offset) => {
        const { since, until, stepMs } = spanAt(now, name, offset);
        expect(since.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(until.getTime()).toBeGreaterThan(now.getTime());
        expect(until.getTime() - now.getTime()).toBeLessThanOrEqual(stepMs);
        expect(until.getTime() - since.getTime()).toBe(spans[name].ms);
      },
    ),
  );
});
