import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costOf } from './cost.ts';

const price = {
  inputPerMillion: 2,
  outputPerMillion: 8,
  cachedInputPerMillion: 0.5,
  currency: 'USD' as const,
};

test('prompt, cached prompt and completion have their own prices', () => {
  const tokens = { promptTokens: 1_000_000, cachedTokens: 400_000, completionTokens: 500_000 };
  expect(costOf(tokens, price)).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.5 * 8, 12);
});

test('without a price of their own, cached tokens cost what others cost', () => {
  const { cachedInputPerMillion: _, ...plain } = price;
  const tokens = { promptTokens: 1_000_000, cachedTokens: 400_000, completionTokens: 0 };
  expect(costOf(tokens, plain)).toBeCloseTo(2, 12);
});

test('a call costs no less than nothing, and never more for being cached', () => {
  const count = fc.nat(10_000_000);
  fc.assert(
    fc.property(count, count, count, (promptTokens, cached, completionTokens) => {
      const cachedTokens = Math.min(cached, promptTokens);
      const cost = costOf({ promptTokens, cachedTokens, completionTokens }, price);
      expect(cost).toBeGreaterThanOrEqual(0);
      expect(cost).toBeLessThanOrEqual(costOf({ promptTokens, cachedTokens: 0, completionTokens }, price));
    }),
  );
});
