/**
 * What tokens cost.
 *
 * @module
 */
import type { Price } from '../config/provider-schema.ts';
import type { Tokens } from './usage.ts';

/** The cost of these tokens in USD, from prices in USD per million tokens. */
export function costOf(tokens: Tokens, price: Price): number {
  const fresh = tokens.promptTokens - tokens.cachedTokens;
  const cachedPrice = price.cachedInputPerMillion ?? price.inputPerMillion;
  const millionths =
    fresh * price.inputPerMillion +
    tokens.cachedTokens * cachedPrice +
    tokens.completionTokens * price.outputPerMillion;
  return millionths / 1_000_000;
}
