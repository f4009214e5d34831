import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterKey, moved, showing, zoomed } from './time-view.ts';

const whole = { start: 0, end: 1000 };
const acts = fc.array(
  fc.oneof(
    fc.record({
      factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    fc.record({ share: fc.double({ min: -3, max: 3, noNaN: true }) }),
  ),
  { maxLength: 30 },
);

test('however it is zoomed and moved, the view is a part of the whole', () => {
  fc.assert(
    fc.property(acts, (list) => {
      let view = whole;
      for (const act of list) {
        view =
          'share' in act
            ? moved(view, whole, act.share)
            : zoomed(view, whole, act.factor, view.start + act.at * (view.end - view.start));
        expect(view.start).toBeGreaterThanOrEqual(-1e-9);
        expect(view.end).toBeLessThanOrEqual(1000 + 1e-9);
        expect(view.end - view.start).toBeGreaterThanOrEqual(0.05 - 1e-9);
      }
    }),
  );
});

test('the moment that is zoomed at stays where it is', () => {
  const view = zoomed(whole, whole, 0.5, 250);
  expect(view).toEqual({ start: 125, end: 625 });
  expect(zoomed(view, whole, 2, 250)).toEqual(whole);
  expect(moved(view, whole, 0.25)).toEqual({ start: 250, end: 750 });
  expect(moved(view, whole, -5)).toEqual({ start: 0, end: 500 });
});

test('keys zoom and show everything', () => {
  const middle = { start: 400, end: 600 };
  const start = (key: string) => afterKey(key, middle, whole)?.start;
  expect(start('+')).toBeGreaterThan(400);
  expect(start('-')).toBeLessThan(400);
  expect(afterKey('+', middle, whole, 400)?.start).toBe(400);
  expect(afterKey('0', middle, whole)).toEqual(whole);
  expect(afterKey('ArrowLeft', middle, whole)).toBeUndefined();
});

test('what one goes to is shown, and what shows it already stays', () => {
  const view = { start: 400, end: 600 };
  expect(showing({ start: 450, end: 500 }, view, whole)).toEqual(view);
  expect(showing({ start: 300, end: 350 }, view, whole)).toEqual({ start: 290, end: 490 });
  expect(showing({ start: 650, end: 700 }, view, whole)).toEqual({ start: 510, end: 710 });
  expect(showing({ start: 990, end: 1000 }, view, whole)).toEqual({ start: 800, end: 1000 });
  // Of what is longer than the view, the beginning.
  expect(showing({ start: 500, end: 900 }, view, whole)).toEqual({ start: 500, end: 700 });
});
