import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawnHeight, mostDrawn, type Place, placeAt, placeOf } from './long-scroll.ts';

const begin: Place = { top: 0, scrolled: 0 };
const seen = 500;
const long = { height: 40 * mostDrawn, seen };
const furthest = mostDrawn - seen;
const end = long.height - seen;

test('what browsers draw is scrolled as it is', () => {
  const short = { height: 10_000, seen };
  expect(drawnHeight(short.height)).toBe(10_000);
  for (const scrolled of [0.5, 300, 9_000, 9_500])
    expect(placeOf(scrolled, begin, short)).toEqual({ top: scrolled, scrolled });
  for (const top of [44, 9_000, 9_500])
    expect(placeAt(top, begin, short)).toEqual({ top: top, scrolled: top });
  expect(placeAt(20_000, begin, short).top).toBe(9_500);
});

test('a short way is as long as it is, a long one a share of the whole, and the ends are the ends', () => {
  const middle = placeOf(furthest / 2, begin, long);
  expect(middle.top).toBe(end / 2);
  const wheel = placeOf(middle.scrolled + 120, middle, long);
  expect(wheel.top).toBe(middle.top + 120);
  expect(placeOf(wheel.scrolled - 120, wheel, long)).toEqual(middle);
  // Whoever came near an end by the thumb comes to it by the wheel.
  const near = placeOf(90, middle, long);
  expect(near.top).toBeGreaterThan(3_000);
  expect(placeOf(0, near, long).top).toBe(0);
  expect(placeOf(furthest - 0.4, middle, long).top).toBe(end);
});

test('wherever one goes, the place lies within, and a row asked for is reached exactly', () => {
  const step = fc.oneof(
    fc.record({ by: fc.integer({ min: -600, max: 600 }) }),
    fc.record({ to: fc.nat(furthest) }),
    fc.record({ top: fc.nat(end) }),
    fc.record({ near: fc.integer({ min: -seen, max: seen }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let place = begin;
      for (const one of steps) {
        const wanted =
          'top' in one
            ? one.top
            : 'near' in one
              ? Math.max(0, Math.min(end, place.top + one.near))
              : undefined;
        place =
          wanted !== undefined
            ? placeAt(wanted, place, long)
            : placeOf(
                Math.max(
                  0,
                  Math.min(furthest, 'to' in one ? one.to : place.scrolled + (one as { by: number }).by),
                ),
                place,
                long,
              );
        if (wanted !== undefined) expect(place.top).toBe(wanted);
        expect(place.top).toBeGreaterThanOrEqual(0);
        expect(place.top).toBeLessThanOrEqual(end);
        expect(place.scrolled).toBeGreaterThanOrEqual(0);
        expect(place.scrolled).toBeLessThanOrEqual(furthest);
        // What is seen lies within what is drawn.
        expect(place.scrolled + seen).toBeLessThanOrEqual(mostDrawn);
      }
    }),
  );
});
