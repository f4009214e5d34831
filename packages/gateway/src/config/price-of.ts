/**
 * What a model's tokens cost: the configuration's figures, and where it names none those of @pydantic/genai-prices, which
 * are part of the installation (nothing is fetched).
 *
 * @module
 */
import type * as GenaiPrices from '@pydantic/genai-prices';
import { genaiPrices } from './price-package.ts';
import type { Price } from './price-schema.ts';
import type { ProviderConfig } from './provider-schema.ts';

export interface FoundPrice {
  price: Price;
  /** `configuration`: every figure stands there; `package`: none does; `both`: some are overridden. */
  source: 'configuration' | 'package' | 'both';
}

/** Our names for the package's units, of which all are USD per million tokens. */
const units = {
  inputPerMillion: 'input_mtok',
  outputPerMillion: 'output_mtok',
  cachedInputPerMillion: 'cache_read_mtok',
  cacheWritePerMillion: 'cache_write_mtok',
  reasoningPerMillion: 'output_reasoning_mtok',
  audioInputPerMillion: 'input_audio_mtok',
  audioOutputPerMillion: 'output_audio_mtok',
} as const;

type Figure = keyof typeof units;
type Figures = Partial<Record<Figure, number>>;

/**
 * The price of a provider's model, as it spells the model; undefined where nobody knows it.
 *
 * @param provider its `baseUrl` tells the package whose model it is
 */
export function priceOf(
  { baseUrl, prices }: Pick<ProviderConfig, 'baseUrl' | 'prices'>,
  model: string,
): FoundPrice | undefined {
  const own = Object.hasOwn(prices, model) ? prices[model] : undefined;
  // Two figures are a price: whoever writes both has looked it up, and nothing is mixed into it.
  if (own?.inputPerMillion !== undefined && own.outputPerMillion !== undefined) {
    const { inputPerMillion, outputPerMillion } = own;
    return { price: { ...own, inputPerMillion, outputPerMillion }, source: 'configuration' };
  }
  const known = baseUrl === undefined ? undefined : packagePrice(baseUrl, model);
  if (!known) return undefined;
  const figures: Figures = { ...known };
  for (const [figure, value] of Object.entries(own ?? {}))
    if (figure in units && typeof value === 'number') figures[figure as Figure] = value;
  const { inputPerMillion, outputPerMillion = 0, ...more } = figures;
  // Embeddings have no output to pay for; but what is said of a model without its input is no price.
  if (inputPerMillion === undefined) return undefined;
  return {
    price: { inputPerMillion, outputPerMillion, ...more, currency: 'USD' },
    source: own && Object.keys(own).some((figure) => figure in units) ? 'both' : 'package',
  };
}

/**
 * What the package says. Where a price changes with the hour of the day, the dearest of the day, and where it rises with
 * the length of the prompt, that of short ones: the ledger reckons with one price for each kind of token.
 */
function packagePrice(baseUrl: string, model: string): Figures | undefined {
  const { calcPrice } = genaiPrices();
  const figures: Figures = {};
  const day = new Date().setUTCHours(0, 0, 0, 0);
  for (let hour = 0; hour < 24; hour += 1) {
    let found: GenaiPrices.PriceCalculationResult;
    try {
      const timestamp = new Date(day + hour * 3_600_000);
      found = calcPrice({ input_tokens: 0 }, model, { providerApiUrl: baseUrl, timestamp });
    } catch {
      return undefined;
    }
    if (!found) return undefined;
    for (const [figure, unit] of Object.entries(units)) {
      const said = found.model_price[unit];
      const value = typeof said === 'object' ? said.base : said;
      if (value !== undefined) figures[figure as Figure] = Math.max(value, figures[figure as Figure] ?? 0);
    }
  }
  return figures;
}
