import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import { packageListing, pricePackage } from '../config/price-package.ts';
import { listPrices } from './price-list.ts';

test('the package is the one that is installed', () => {
  const dist = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
  const { name, version } = createRequire(dist)('../package.json') as { name: string; version: string };
  expect({ name, version }).toEqual({ name: pricePackage.name, version: pricePackage.version });
});

test('a price that began to hold on a day says so; another has the package’s day', () => {
  expect(packageListing('https://api.mistral.ai/v1', 'mistral-medium-3-5')).toMatchObject({
    pages: [expect.stringContaining('https://mistral.ai/')],
  });
  expect(packageListing('https://api.openai.com/v1', 'no-such-model-at-all')).toBeUndefined();
});

const config = parseConfig({
  providers: {
    openai: {
      baseUrl: 'https://api.openai.com/v1',
      jurisdiction: 'US',
      prices: {
        'own-model': { inputPerMillion: 0.01, outputPerMillion: 0.02 },
        'looked-up': {
          ...{ inputPerMillion: 9, outputPerMillion: 9 },
          ...{ asOf: '2026-11-02', page: 'https://openai.example/prices' },
        },
        'gpt-4.1': { inputPerMillion: 1 },
      },
    },
  },
  tasks: {
    mail: { kind: 'classify', teacher: 'openai/gpt-4.1-mini' },
    fenced: { kind: 'classify', teacher: 'openai/gpt-4.1', fallbacks: ['openai/own-model'] },
  },
});

test('each model once, with source, date and tasks, the cheapest call first', () => {
  const listed = listPrices(config, { promptTokens: 1_000, cachedTokens: 0, answerTokens: 100 });
  expect(listed.map(({ model, source, tasks }) => [model, source, tasks])).toEqual([
    ['own-model', 'configuration', ['fenced']],
    ['gpt-4.1-mini', 'package', ['mail']],
    ['gpt-4.1', 'both', ['fenced']],
    ['looked-up', 'configuration', []],
  ]);
  const [own, mini, , lookedUp] = listed;
  expect(lookedUp).toMatchObject({
    ...{ date: '2026-11-02', dateIs: 'day of looking it up', package: null },
    pages: ['https://openai.example/prices'],
  });
  expect(own).toMatchObject({ date: null, dateIs: null, package: null, pages: [] });
  expect(own!.perThousandCalls).toBeCloseTo(0.012, 12);
  expect(mini).toMatchObject({ date: '2026-09-23', dateIs: 'release of the package', package: pricePackage });
  expect(mini!.pages[0]).toMatch(/^https:\/\//);
  const { inputPerMillion, outputPerMillion } = mini!.price;
  expect(mini!.perThousandCalls).toBeCloseTo(inputPerMillion + outputPerMillion / 10, 12);
  expect(listPrices(config)[0]!.perThousandCalls).toBeNull();
});
