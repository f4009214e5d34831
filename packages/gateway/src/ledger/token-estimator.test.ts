import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenEstimator, tokensOfText } from './token-estimator.ts';

test('before anything was learned, four characters are a token', () => {
  expect(new TokenEstimator().estimate(400, 8)).toEqual({
    promptTokens: 100,
    completionTokens: 2,
    cachedTokens: 0,
  });
  expect(tokensOfText(400)).toBe(100);
});

test('a text that is there is a token at least, one that isn’t is none', () => {
  expect(new TokenEstimator().estimate(1, 0)).toEqual({
    promptTokens: 1,
    completionTokens: 0,
    cachedTokens: 0,
  });
});

test('what cannot teach a ratio is passed over', () => {
  const estimator = new TokenEstimator();
  estimator.learn(0, 4, { promptTokens: 9, completionTokens: 1, cachedTokens: 0 });
  estimator.learn(40, 0, { promptTokens: 9, completionTokens: 1, cachedTokens: 0 });
  expect(estimator.calls).toBe(0);
});

test('estimates of the calls it learned from add up to what was reported, within rounding', () => {
  const call = fc.record({
    prompt: fc.integer({ min: 1, max: 5_000 }),
    answer: fc.integer({ min: 1, max: 60 }),
    promptTokens: fc.integer({ min: 1, max: 3_000 }),
    cachedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    completionTokens: fc.integer({ min: 1, max: 500 }),
  });
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 40 }), (calls) => {
      const estimator = new TokenEstimator();
      for (const { prompt, answer, promptTokens, cachedShare, completionTokens } of calls) {
        const cachedTokens = Math.floor(promptTokens * cachedShare);
        estimator.learn(prompt, answer, { promptTokens, completionTokens, cachedTokens });
      }
      const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
      const estimates = calls.map(({ prompt, answer }) => estimator.estimate(prompt, answer));
      // Each estimate is rounded to whole tokens, and up to one.
      const slack = calls.length;
      const promptError = sum(estimates.map((e) => e.promptTokens)) - sum(calls.map((c) => c.promptTokens));
      const answerError =
        sum(estimates.map((e) => e.completionTokens)) - sum(calls.map((c) => c.completionTokens));
      expect(Math.abs(promptError)).toBeLessThanOrEqual(slack);
      expect(Math.abs(answerError)).toBeLessThanOrEqual(slack);
      for (const estimate of estimates)
        expect(estimate.cachedTokens).toBeLessThanOrEqual(estimate.promptTokens);
    }),
  );
});
