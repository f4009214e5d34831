export { type BlockCosts, type MeasureOptions, measureBlocks } from './block-costs.ts';
export { partition } from './partition.ts';
export { PlanError } from './plan-error.ts';
