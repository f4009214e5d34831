import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costOf, mostCostOf } from './cost.ts';

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

test('reasoning, sound and what goes into a cache have their own prices, where they have', () => {
  const tokens = {
    promptTokens: 1_000_000,
    completionTokens: 1_000_000,
    cachedTokens: 100_000,
    cacheWriteTokens: 200_000,
    audioInputTokens: 300_000,
    reasoningTokens: 400_000,
    audioOutputTokens: 500_000,
  };
  expect(costOf(tokens, price)).toBeCloseTo(0.1 * 0.5 + 0.9 * 2 + 8, 12);
  const own = {
    ...price,
    cacheWritePerMillion: 3,
    audioInputPerMillion: 40,
    reasoningPerMillion: 5,
    audioOutputPerMillion: 80,
  };
  const prompt = 0.1 * 0.5 + 0.2 * 3 + 0.3 * 40 + 0.4 * 2;
  expect(costOf(tokens, own)).toBeCloseTo(prompt + 0.4 * 5 + 0.5 * 80 + 0.1 * 8, 12);
});

test('nothing costs more than the most that it can, whatever kind its tokens are', () => {
  const count = fc.nat(1_000_000);
  const perMillion = fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.record({
        promptTokens: count,
        completionTokens: count,
        cachedTokens: count,
        cacheWriteTokens: count,
        reasoningTokens: count,
        audioInputTokens: count,
        audioOutputTokens: count,
      }),
      fc.record({
        cachedInputPerMillion: perMillion,
        cacheWritePerMillion: perMillion,
        reasoningPerMillion: perMillion,
        audioInputPerMillion: perMillion,
        audioOutputPerMillion: perMillion,
      }),
      (tokens, own) => {
        const all = { ...own, inputPerMillion: 2, outputPerMillion: 8, currency: 'USD' as const };
        const most = mostCostOf(tokens.promptTokens, tokens.completionTokens, all);
        expect(costOf(tokens, all)).toBeLessThanOrEqual(most * (1 + 1e-12));
      },
    ),
  );
});
