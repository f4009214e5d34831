/**
 * `@kolben/gateway/economics`: what a task costs in each way to have it answered, and when a student pays for itself.
 *
 * @module
 */
export {
  contradiction,
  type Economics,
  EconomicsError,
  economicsOf,
  type Money,
  type Months,
  type WayCosts,
} from './economics.ts';
export {
  type FigureGroup,
  type FigureKind,
  type FigureName,
  type FigureUnit,
  figureKinds,
  figureNames,
  type GivenFigures,
  givenFiguresSchema,
  type Hosting,
  hostings,
} from './figures.ts';
export { type MonthlyParts, partNames, type Way, ways } from './monthly-cost.ts';
export { type CallTokens, type ListedPrice, listPrices } from './price-list.ts';
export { loadDistributions } from './quantiles.ts';
export { type KnownOfTask, knownOfTask, recordedDays } from './recorded-figures.ts';
export {
  type Figure,
  type FigureSource,
  type Figures,
  type KnownFigures,
  missingFigures,
  resolveFigures,
} from './resolve-figures.ts';
export { type EconomicsAnswer, type EconomicsQuestion, taskEconomics } from './task-economics.ts';
