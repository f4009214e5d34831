/**
 * A configuration without the gateway that it is for: what reads one need not load a server and what students answer
 * with.
 *
 * @module
 */
export { type BudgetRow, budgetRows } from '../budgets/budget-rows.ts';
export type { Budget } from './budget-schema.ts';
export { usedProviders } from './check-teachers.ts';
export { defineConfig } from './define-config.ts';
export { isLoopback } from './is-loopback.ts';
export type { Limits } from './limits-schema.ts';
export { ConfigError, type ConfigIssue, parseConfig } from './parse-config.ts';
export { type FoundPrice, priceOf } from './price-of.ts';
export type { Price, ProviderConfig } from './provider-schema.ts';
export { type Config, type ConfigInput, configSchema } from './schema.ts';
export { splitTeacher } from './split-teacher.ts';
export { storeOptions } from './store-options.ts';
export type { TaskConfig } from './task-schema.ts';
export type { WatchRules } from './watch-schema.ts';
