export {
  type CompareOptions,
  ComparisonError,
  compareTimelines,
  type TimelineComparison,
  type TimePair,
} from './compare-timelines.ts';
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
export { type TimelinesSvgOptions, type TitledTimeline, timelinesSvg } from './timelines-svg.ts';
