import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTail } from './binomial-tail.ts';
import { shareInterval, upperBound } from './upper-bound.ts';

const counts = fc
  .integer({ min: 1, max: 20_000 })
  .chain((n) => fc.record({ n: fc.constant(n), k: fc.integer({ min: 0, max: n }) }));
const level = fc.double({ min: 0.5, max: 0.999, noNaN: true });

describe('upperBound', () => {
  it('matches published values', () => {
    // The rule of three, exactly: 1 − 0.05^(1/n) where nothing was seen.
    expect(upperBound(0, 59)).toBeCloseTo(1 - 0.05 ** (1 / 59), 12);
    // Clopper and Pearson's own kind of case; R's binom.test(2, 30, alternative = 'less') says 0.1953.
    expect(upperBound(2, 30)).toBeCloseTo(0.1953, 3);
    expect(upperBound(5, 5)).toBe(1);
    expect(upperBound(0, 0)).toBe(1);
  });

  it('is the share at which the observation would just be surprising', () => {
    fc.assert(
      fc.property(counts, level, ({ k, n }, confidence) => {
        fc.pre(k < n);
        expect(binomialTail(k, n, upperBound(k, n, confidence))).toBeCloseTo(1 - confidence, 8);
      }),
      { seed: 1 },
    );
  });

  it('lies at or below alpha exactly when the walk’s p lies at or below delta', () => {
    fc.assert(
      fc.property(
        counts,
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        fc.double({ min: 0.01, max: 0.3, noNaN: true }),
        ({ k, n }, alpha, delta) => {
          fc.pre(k < n);
          const p = binomialTail(k, n, alpha);
          // Where both sides agree to ten digits, rounding decides, and either verdict is right.
          fc.pre(Math.abs(p - delta) > 1e-10);
          expect(upperBound(k, n, 1 - delta) <= alpha).toBe(p <= delta);
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });

  it('rises with k and with the level, and falls with n', () => {
    fc.assert(
      fc.property(counts, level, ({ k, n }, confidence) => {
        const bound = upperBound(k, n, confidence);
        expect(bound).toBeGreaterThan(k / n - 1e-12);
        expect(upperBound(k, n + 1, confidence)).toBeLessThanOrEqual(bound + 1e-12);
        if (k < n) expect(upperBound(k + 1, n, confidence)).toBeGreaterThan(bound);
        expect(upperBound(k, n, confidence + (1 - confidence) / 2)).toBeGreaterThanOrEqual(bound - 1e-12);
      }),
      { seed: 3 },
    );
  });
});

describe('shareInterval', () => {
  it('matches published values', () => {
    // R: binom.test(8, 20)$conf.int
    const [low, high] = shareInterval(8, 20);
    expect(low).toBeCloseTo(0.1911901, 6);
    expect(high).toBeCloseTo(0.6394574, 6);
    expect(shareInterval(0, 10)[0]).toBe(0);
    expect(shareInterval(10, 10)[1]).toBe(1);
    expect(shareInterval(0, 0)).toEqual([0, 1]);
  });

  it('mirrors when success and failure change places, and holds the share', () => {
    fc.assert(
      fc.property(counts, level, ({ k, n }, confidence) => {
        const [low, high] = shareInterval(k, n, confidence);
        const [mirrorLow, mirrorHigh] = shareInterval(n - k, n, confidence);
        expect(low).toBeCloseTo(1 - mirrorHigh, 9);
        expect(high).toBeCloseTo(1 - mirrorLow, 9);
        expect(low).toBeLessThanOrEqual(k / n);
        expect(high).toBeGreaterThanOrEqual(k / n);
      }),
      { seed: 4 },
    );
  });

  it('refuses counts that cannot be', () => {
    expect(() => shareInterval(3, 2)).toThrow(RangeError);
    expect(() => upperBound(1, 2, 1)).toThrow(RangeError);
  });
});
