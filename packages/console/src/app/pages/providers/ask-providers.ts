/**
 * The question that the page asks.
 *
 * @module
 */
import { api, read } from '../../lib/api.ts';

/** @param days how far back calls are looked at */
export const askProviders = (days: number) => read(api.providers.$get({ query: { days: String(days) } }));

export type ProvidersState = Awaited<ReturnType<typeof askProviders>>;
