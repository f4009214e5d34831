import { expect, test } from 'vitest';
import { priceOf } from './price-of.ts';

const openai = { baseUrl: 'https://api.openai.com/v1', prices: {} };

test('what the configuration says in full is the price, and nothing is mixed in', () => {
  const price = { inputPerMillion: 1, outputPerMillion: 2, currency: 'USD' as const };
  expect(priceOf({ ...openai, prices: { 'gpt-4.1-mini': price } }, 'gpt-4.1-mini')).toEqual({
    price,
    source: 'configuration',
  });
});

test('what it doesn’t say is the package’s, told apart by the provider’s address', () => {
  expect(priceOf(openai, 'gpt-4.1-mini')).toEqual({
    price: { inputPerMillion: 0.4, outputPerMillion: 1.6, cachedInputPerMillion: 0.1, currency: 'USD' },
    source: 'package',
  });
  const mistral = { baseUrl: 'https://api.mistral.ai/v1', prices: {} };
  expect(priceOf(mistral, 'mistral-small-latest')?.price).toMatchObject({ inputPerMillion: 0.1 });
  expect(priceOf({ ...openai, baseUrl: 'http://127.0.0.1:8000/v1' }, 'gpt-4.1-mini')).toBeUndefined();
  expect(priceOf(openai, 'no-such-model')).toBeUndefined();
  expect(priceOf(openai, 'toString')).toBeUndefined();
  expect(priceOf({ baseUrl: undefined, prices: {} }, 'gpt-4.1-mini')).toBeUndefined();
});

test('every figure can be overridden alone', () => {
  for (const figure of [
    'inputPerMillion',
    'outputPerMillion',
    'cachedInputPerMillion',
    'audioInputPerMillion',
  ]) {
    const found = priceOf(
      { ...openai, prices: { 'gpt-4.1-mini': { [figure]: 77, currency: 'USD' } } },
      'gpt-4.1-mini',
    );
    expect(found?.source).toBe('both');
    expect(found?.price).toEqual({ ...priceOf(openai, 'gpt-4.1-mini')?.price, [figure]: 77 });
  }
});

test('half a price of a model that nobody knows is none', () => {
  const prices = { mine: { inputPerMillion: 1, currency: 'USD' as const } };
  expect(priceOf({ ...openai, prices }, 'mine')).toBeUndefined();
});

test('prices that depend on the hour are the dearest, those that depend on length the shortest’s', () => {
  const deepseek = { baseUrl: 'https://api.deepseek.com', prices: {} };
  // Half of it at night.
  expect(priceOf(deepseek, 'deepseek-chat')?.price.inputPerMillion).toBeGreaterThan(0.14);
  const google = { baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai', prices: {} };
  expect(priceOf(google, 'gemini-2.5-pro')?.price).toMatchObject({
    inputPerMillion: 1.25,
    outputPerMillion: 10,
  });
});

test('vectors have no output to pay for', () => {
  expect(priceOf(openai, 'text-embedding-3-small')?.price).toEqual({
    inputPerMillion: 0.02,
    outputPerMillion: 0,
    currency: 'USD',
  });
});
