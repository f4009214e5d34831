export { type BlockCosts, type MeasureOptions, measureBlocks } from './block-costs.ts';
export { type Division, divisionsOf } from './divisions-of.ts';
export { type MeasureModelOptions, measureModel } from './measure.ts';
export type { ModelCosts, PieceCost } from './model-costs.ts';
export { partition } from './partition.ts';
export { type PlanOptions, type PlanProgress, plan } from './plan.ts';
export { PlanError } from './plan-error.ts';
export { type Plan, type PlanCandidate, type SearchOptions, searchPlan } from './search-plan.ts';
export { type SteadyStep, steadyStep } from './steady-step.ts';
