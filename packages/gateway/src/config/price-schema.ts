/**
 * What tokens of a model cost, as the configuration says it. Figures that are left out are those of the price package
 * where it knows the model (see `price-of.ts`).
 *
 * @module
 */
import { z } from 'zod';

const perMillion = z.number().nonnegative();

export const priceSchema = z.strictObject({
  /** USD per million prompt tokens. */
  inputPerMillion: perMillion.optional(),
  /** USD per million completion tokens. */
  outputPerMillion: perMillion.optional(),
  /** USD per million prompt tokens that the provider took from its cache; `inputPerMillion` where left out. */
  cachedInputPerMillion: perMillion.optional(),
  /** USD per million prompt tokens that the provider put into its cache; `inputPerMillion` where left out. */
  cacheWritePerMillion: perMillion.optional(),
  /** USD per million completion tokens of reasoning; `outputPerMillion` where left out. */
  reasoningPerMillion: perMillion.optional(),
  /** USD per million prompt tokens of sound; `inputPerMillion` where left out. */
  audioInputPerMillion: perMillion.optional(),
  /** USD per million completion tokens of sound; `outputPerMillion` where left out. */
  audioOutputPerMillion: perMillion.optional(),
  currency: z.literal('USD').default('USD'),
  /** The day on which somebody looked these figures up, `2026-11-28`; shown beside them. */
  asOf: z.iso.date().optional(),
  /** The page where they stood; shown, never fetched. */
  page: z.url({ protocol: /^https?$/ }).optional(),
});

export type PriceSettings = z.output<typeof priceSchema>;

/** A price that can be reckoned with. */
export interface Price extends PriceSettings {
  inputPerMillion: number;
  outputPerMillion: number;
}
