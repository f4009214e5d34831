/**
 * The limits of a key, from the columns that hold them.
 *
 * @module
 */
import type { Selectable } from 'kysely';
import { toBigInt, toNumber, toUsd } from '../integers.ts';
import type { ApiKeysTable } from '../schema.ts';
import type { KeyLimits } from './key.ts';

type LimitColumns = Pick<
  Selectable<ApiKeysTable>,
  'budget_nano_usd' | 'requests_per_minute' | 'tokens_per_minute'
>;

export function limitsOf(row: LimitColumns): KeyLimits {
  return {
    usdPerMonth: row.budget_nano_usd === null ? null : toUsd(toBigInt(row.budget_nano_usd)),
    requestsPerMinute: row.requests_per_minute === null ? null : toNumber(row.requests_per_minute),
    tokensPerMinute: row.tokens_per_minute === null ? null : toNumber(row.tokens_per_minute),
  };
}
