import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTail, fewestAnswered } from './binomial-tail.ts';

/** Log factorials by compensated summation, right to about 1e-16 relative. */
function logFactorials(limit: number): Float64Array {
  const table = new Float64Array(limit + 1);
  let sum = 0;
  let lost = 0;
  for (let i = 1; i <= limit; i++) {
    const term = Math.log(i) - lost;
    const next = sum + term;
    lost = next - sum - term;
    sum = next;
    table[i] = sum;
  }
  return table;
}

const limit = 1_000_000;
const logFactorial = logFactorials(limit);

function bySummation(k: number, n: number, p: number): number {
  const log = (i: number) =>
    logFactorial[n]! - logFactorial[i]! - logFactorial[n - i]! + i * Math.log(p) + (n - i) * Math.log1p(-p);
  let sum = 0;
  for (let i = 0; i <= k; i++) sum += Math.exp(log(i));
  return sum;
}

describe('binomialTail', () => {
  it('agrees with exact rational arithmetic on small cases', () => {
    // P(Bin(4, 1/4) ≤ k) in 256ths.
    expect([0, 1, 2, 3, 4].map((k) => binomialTail(k, 4, 0.25) * 256)).toEqual([
      expect.closeTo(81, 11),
      expect.closeTo(189, 11),
      expect.closeTo(243, 11),
      expect.closeTo(255, 11),
      256,
    ]);
    expect(binomialTail(-1, 4, 0.25)).toBe(0);
    expect(binomialTail(0, 0, 0.25)).toBe(1);
  });

  it('agrees with summation term by term, up to a million trials', () => {
    const around = fc.record({
      n: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 501, max: limit })),
      p: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      // In standard deviations from the mean: where certificates live, and a good way to either side.
      z: fc.double({ min: -6, max: 4, noNaN: true }),
    });
    fc.assert(
      fc.property(around, ({ n, p, z }) => {
        const k = Math.min(n, Math.max(0, Math.round(n * p + z * Math.sqrt(n * p * (1 - p)))));
        const exact = bySummation(k, n, p);
        expect(Math.abs(binomialTail(k, n, p) - exact)).toBeLessThanOrEqual(1e-8 * exact + 1e-15);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('rises with k, falls with p and with n', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.nat(3000),
        fc.double({ min: 0.001, max: 0.99, noNaN: true }),
        (n, k, p) => {
          fc.pre(k < n);
          const tail = binomialTail(k, n, p);
          expect(binomialTail(k + 1, n, p)).toBeGreaterThanOrEqual(tail - 1e-12);
          expect(binomialTail(k, n + 1, p)).toBeLessThanOrEqual(tail + 1e-12);
          expect(binomialTail(k, n, Math.min(1, p * 1.01))).toBeLessThanOrEqual(tail + 1e-12);
        },
      ),
      { seed: 2 },
    );
  });

  it('refuses what is no count or no probability', () => {
    expect(() => binomialTail(0.5, 4, 0.1)).toThrow(RangeError);
    expect(() => binomialTail(0, -1, 0.1)).toThrow(RangeError);
    expect(() => binomialTail(0, 4, 1.1)).toThrow(RangeError);
    expect(() => binomialTail(0, 4, Number.NaN)).toThrow(RangeError);
  });
});

describe('fewestAnswered', () => {
  it('is 59 for alpha = delta = 0.05', () => {
    expect(fewestAnswered(0.05, 0.05)).toBe(59);
  });

  it('is the first count that passes without a disagreement', () => {
    const level = fc.double({ min: 0.005, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(level, level, (alpha, delta) => {
        const n = fewestAnswered(alpha, delta);
        expect(binomialTail(0, n, alpha)).toBeLessThanOrEqual(delta * (1 + 1e-12));
        expect(binomialTail(0, n - 1, alpha)).toBeGreaterThan(delta * (1 - 1e-12));
      }),
      { seed: 3 },
    );
  });
});
