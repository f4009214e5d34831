/**
 * `@kolben/console/charts`: the charts that the console and the HTML reports draw with.
 *
 * React components without state, without a browser and without a style of their own that can't be set: they take data
 * in its own units and give SVG, tables and lists. The page lays `chartStyle` under them and sets the colours.
 *
 * @module
 */
export { type Bar, Bars } from './bars.tsx';
export { BreakEven, type BreakEvenProps, type CostPoint } from './break-even.tsx';
export { type ChipGrid, ChipTimeline, type ChipTimelineProps } from './chip-timeline.tsx';
export type { ChipRecord, ChipSpan } from './chip-work.ts';
export { type Confusion, ConfusionTable, type ConfusionTableProps } from './confusion-table.tsx';
export type { DataTable } from './data-table.tsx';
export { HeadedTable, type HeadedTableProps, type TableHead } from './headed-table.tsx';
export { LatencyChart, type LatencyRow } from './latency-chart.tsx';
export { LossCurve, type LossCurveProps } from './loss-curve.tsx';
export { MarkedText, type MarkedTextProps, type WeighedWord } from './marked-text.tsx';
export { type MixUp, MixUpTable, type MixUpTableProps } from './mix-up-table.tsx';
export { type Numbers, numbersIn } from './numbers.ts';
export { type RankedBar, RankedBars, type RankedBarsProps } from './ranked-bars.tsx';
export { type ReliabilityBar, ReliabilityDiagram } from './reliability-diagram.tsx';
export { type CoverageRisk, RiskCurve, type RiskCurveProps } from './risk-curve.tsx';
export { ChartLanguage, type ChartSettings, useChart } from './settings.tsx';
export { type Shade, shadesInOrder } from './shade.ts';
export { type Part, ShareBar } from './share-bar.tsx';
export type { LossPoint } from './smooth.ts';
export { StackedColumns, type StackedColumnsProps } from './stacked-columns.tsx';
export { StepCurves, type StepCurvesProps, type StepPoint } from './step-curves.tsx';
export { chartColours, chartStyle } from './style.ts';
export { type TimeLine, type TimePoint, TimeSeries, type TimeSeriesProps } from './time-series.tsx';
export { type ChartWords, chartWords, englishTexts, englishWords } from './words.ts';
