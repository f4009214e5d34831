export { costsOf } from './costs-of.ts';
export {
  type CostModel,
  CostModelError,
  type PassCost,
  type SimulateOptions,
  type StageCost,
  simulate,
} from './simulate.ts';
export { type PartTimes, type ScheduleSummary, summarizeSchedule } from './summary.ts';
export {
  bubbleRate,
  bubbleRateDefinition,
  type ChipUse,
  chipUse,
  idleShare,
  makespan,
  type Span,
  sliceSteps,
  sliceTime,
  type Timeline,
  type TimeWindow,
  timeWindow,
} from './timeline.ts';
export { type TimelineSvgOptions, timelineSvg } from './timeline-svg.ts';
