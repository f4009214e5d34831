import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterKey, moved, zoomed } from './time-view.ts';

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

test('keys zoom, move and show everything', () => {
  const middle = { start: 400, end: 600 };
  const start = (key: string) => afterKey(key, middle, whole)?.start;
  expect(start('+')).toBeGreaterThan(400);
  expect(start('-')).toBeLessThan(400);
  expect([start('ArrowLeft'), start('ArrowRight')]).toEqual([350, 450]);
  expect([start('Home'), start('End')]).toEqual([0, 800]);
  expect(afterKey('0', middle, whole)).toEqual(whole);
  expect(afterKey('x', middle, whole)).toBeUndefined();
});
