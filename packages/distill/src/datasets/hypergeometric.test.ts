import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hypergeometricTail } from './hypergeometric.ts';

/** By whole numbers, with Pascal's rule. */
function exactTail(k: number, marked: number, drawn: number, all: number): number {
  const choose = (n: number, of: number): bigint => {
    if (n < 0 || n > of) return 0n;
    let result = 1n;
    for (let i = 1; i <= n; i++) result = (result * BigInt(of - n + i)) / BigInt(i);
    return result;
  };
  let ways = 0n;
  for (let x = Math.max(0, k); x <= marked; x++) ways += choose(x, marked) * choose(drawn - x, all - marked);
  return Number((ways * 10n ** 15n) / choose(drawn, all)) / 1e15;
}

it('is the share of draws, counted exactly', () => {
  // Fisher's tea: all four cups of milk first, of eight.
  expect(hypergeometricTail(4, 4, 4, 8)).toBeCloseTo(1 / 70, 12);
  fc.assert(
    fc.property(
      fc
        .nat(60)
        .chain((all) =>
          fc.tuple(fc.integer({ min: -1, max: 61 }), fc.nat(all), fc.nat(all), fc.constant(all)),
        ),
      ([k, marked, drawn, all]) => {
        expect(hypergeometricTail(k, marked, drawn, all)).toBeCloseTo(exactTail(k, marked, drawn, all), 10);
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
