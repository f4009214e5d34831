import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharesOf } from './shares.ts';

const shapes = fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }), {
  minLength: 1,
  maxLength: 8,
});

test('every element is moved by one copy, whatever the parameters and the number of copies', () => {
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 5 }), fc.boolean(), (all, copies, whole) => {
      const parameters = all.map((shape) => ({ shape }));
      const moved = all.map((shape) => new Uint8Array(shape.reduce((a, b) => a * b, 1)));
      const shares = sharesOf(parameters, copies, whole);
      expect(shares).toHaveLength(copies);
      for (const { parameter, start, end } of shares.flat()) {
        expect(end).toBeGreaterThan(start);
        for (let i = start; i < end; i++) moved[parameter]![i]!++;
        if (whole) expect([start, end]).toEqual([0, moved[parameter]!.length]);
      }
      for (const counts of moved) expect(counts.every((count) => count === 1)).toBe(true);
      if (whole) return;
      const loads = shares.map((own) => own.reduce((sum, { start, end }) => sum + end - start, 0));
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }),
    { seed: 1 },
  );
});

test('whole parameters are dealt out so that nobody has much more than the others', () => {
  const parameters = [[8], [6], [5], [4], [1]].map((shape) => ({ shape }));
  const loads = sharesOf(parameters, 2, true).map((own) => own.reduce((sum, { end }) => sum + end, 0));
  expect(loads).toEqual([12, 12]);
});
