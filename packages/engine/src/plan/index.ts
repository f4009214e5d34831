export { type BlockCosts, type MeasureOptions, measureBlocks } from './block-costs.ts';
export { type MeasureModelOptions, type ModelCosts, measureModel, type PieceCost } from './measure.ts';
export { partition } from './partition.ts';
export { type Plan, type PlanCandidate, plan, type SearchOptions, searchPlan } from './plan.ts';
export { PlanError } from './plan-error.ts';
