import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pauseBefore, retryAfter } from './backoff.ts';

const now = Date.UTC(2026, 10, 28, 12, 0, 0);

test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ 'retry-after': '3' }, 3_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1_500],
  [{ 'retry-after': 'Sat, 28 Nov 2026 12:00:20 GMT' }, 20_000],
  [{ 'retry-after': 'Sat, 28 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '3', 'retry-after-ms': '250' }, 250],
  [{ 'retry-after-ms': 'x' }, undefined],
])('%j: %j', (headers, wait) => {
  expect(retryAfter(headers, now)).toBe(wait);
});

test('pauses double up to their bound, each a random share of it', () => {
  const settings = { times: 9, baseMs: 100, mostMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 60].map((failures) => pauseBefore(failures, settings, {}, 1, now));
  expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(pauseBefore(4, settings, {}, 0, now)).toBe(0);
  expect(pauseBefore(4, settings, {}, 0.25, now)).toBe(200);
});

test('whatever a provider says, nobody waits for longer than the bound', () => {
  const seconds = fc.oneof(fc.nat({ max: 100_000 }).map(String), fc.string({ maxLength: 8 }));
  fc.assert(
    fc.property(
      fc.record({ 'retry-after': seconds, 'retry-after-ms': seconds }, { requiredKeys: [] }),
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.integer({ min: 1, max: 60_000 }),
      (headers, failures, random, mostMs) => {
        const pause = pauseBefore(failures, { times: 9, baseMs: 500, mostMs }, headers, random, now);
        expect(pause === undefined || (pause >= 0 && pause <= mostMs)).toBe(true);
        const wanted = retryAfter(headers, now);
        if (wanted !== undefined) expect(pause).toBe(wanted <= mostMs ? wanted : undefined);
      },
    ),
  );
});
