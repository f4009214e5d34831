/**
 * What the configuration says of money: budgets, and what a call may come to at most.
 *
 * @module
 */
import { z } from 'zod';

export const budgetSchema = z.strictObject({
  /** What calls may cost in a calendar month of UTC, USD. When it is used up, calls are refused until the next. */
  usdPerMonth: z.number().nonnegative().max(1_000_000_000),
});

export const boundsSchema = z.strictObject({
  /** The longest answer, tokens, that is reckoned with where a request names no limit of its own. */
  answerTokens: z.int().min(1).max(10_000_000).default(4_096),
  /** The most tokens that a picture may count. */
  imageTokens: z.int().min(0).max(10_000_000).default(50_000),
});

export type Budget = z.output<typeof budgetSchema>;
export type Bounds = z.output<typeof boundsSchema>;

/** Where the configuration says nothing of them. */
export const usualBounds: Bounds = boundsSchema.parse({});
