/**
 * The package of prices: which one it is, and what it tells of where a price comes from. Nothing is fetched.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type * as GenaiPrices from '@pydantic/genai-prices';

/** The very version that is installed (a test compares), and the day on which the registry got it. */
export const pricePackage = {
  name: '@pydantic/genai-prices',
  version: '0.1.8',
  released: '2026-09-23',
} as const;

export interface PackageListing {
  /** Pages of the provider that the package names as its sources. */
  pages: string[];
  /** The day from which the price holds, `2026-06-16`, where the package says one. */
  since?: string;
}

/** Undefined where the package doesn't know the model. @param baseUrl tells it whose model it is */
export function packageListing(baseUrl: string, model: string): PackageListing | undefined {
  let found: GenaiPrices.PriceCalculationResult;
  try {
    found = genaiPrices().calcPrice({ input_tokens: 0 }, model, { providerApiUrl: baseUrl });
  } catch {
    return undefined;
  }
  if (!found) return undefined;
  const { prices } = found.model;
  const today = new Date().toISOString().slice(0, 10);
  const begun = (Array.isArray(prices) ? prices : [])
    .flatMap(({ constraint }) => (constraint?.type === 'start_date' ? [constraint.start_date] : []))
    .filter((day) => day <= today)
    .sort();
  const since = begun.at(-1);
  return { pages: found.provider.pricing_urls ?? [], ...(since !== undefined && { since }) };
}

let loaded: typeof GenaiPrices | undefined;

/** Loaded when it is needed: it takes longer than all the rest of a configuration (decision 0201). */
export function genaiPrices(): typeof GenaiPrices {
  loaded ??= createRequire(import.meta.url)('@pydantic/genai-prices') as typeof GenaiPrices;
  return loaded;
}
