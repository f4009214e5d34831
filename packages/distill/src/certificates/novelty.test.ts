import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { belonging as belongs, fitNoveltyGate } from './novelty.ts';

describe('the gate for texts that belong to no label', () => {
  test('costs two texts of a hundred that do belong, and shuts out what lies well below them', () => {
    const peaks = Array.from({ length: 1000 }, (_, i) => 5 + i / 100);
    const gate = fitNoveltyGate(peaks);
    const kept = peaks.filter((peak) => belongs(gate, peak) > 0.5).length;
    expect(kept).toBeGreaterThanOrEqual(975);
    expect(kept).toBeLessThanOrEqual(985);
    expect(belongs(gate, 3)).toBeLessThan(0.001);
    expect(belongs(gate, 10)).toBeGreaterThan(0.999);
  });

  test('moves and stretches with the peaks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 3, maxLength: 60 }),
        fc.double({ min: 2, max: 8, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        (peaks, times, shift) => {
          const [gate, moved] = [peaks, peaks.map((peak) => times * peak + shift)].map((all) =>
            fitNoveltyGate(all),
          );
          expect(moved.centre).toBeCloseTo(times * gate.centre + shift, 6);
          expect(gate.width).toBeGreaterThan(0);
          expect(belongs(gate, gate.centre)).toBe(0.5);
        },
      ),
    );
  });

  test('is open where there is nothing to go by, and refuses what is no number', () => {
    expect(belongs(fitNoveltyGate([]), -1000)).toBe(1);
    expect(belongs(fitNoveltyGate([4, 4, 4]), 4.1)).toBeGreaterThan(0.99);
    expect(() => fitNoveltyGate([1, Number.NaN])).toThrow(RangeError);
  });
});
