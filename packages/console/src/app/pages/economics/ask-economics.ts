/**
 * The question that the page asks, as its address has it.
 *
 * @module
 */
import { api, read } from '../../lib/api.ts';

export const hostings = ['own', 'cpu', 'gpu'] as const;

export interface Asked {
  task?: string;
  hosting?: string;
  /** `provider/model`. */
  teacher?: string;
  /** JSON. */
  figures?: string;
}

/** @throws ApiFault, also where the address says what can't be */
export const askEconomics = (query: Asked) =>
  read(api.economics.$get({ query: query as Asked & { hosting?: (typeof hostings)[number] } }));

export type EconomicsState = Awaited<ReturnType<typeof askEconomics>>;
