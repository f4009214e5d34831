/**
 * Each figure with where it comes from: given goes before what is known of the task, and that before the default.
 *
 * @module
 */
import { type FigureKind, type FigureName, figureKinds, figureNames, type GivenFigures } from './figures.ts';

/**
 * `given`: by option, file or field; `recorded`: from the task's calls; `certificate`: from its student's certificate;
 * `student`: from its student's folder; `configuration`, `price package`: as they stand there; `assumption`, `Kolben`: the
 * default's own source; `none`: nobody knows it.
 */
export type FigureSource =
  | 'given'
  | 'recorded'
  | 'certificate'
  | 'student'
  | 'configuration'
  | 'price package'
  | 'assumption'
  | 'Kolben'
  | 'none';

export interface Figure {
  value: number | null;
  source: FigureSource;
}

export type Figures = Record<FigureName, Figure>;
/** What is known of a task. */
export type KnownFigures = Partial<Record<FigureName, { value: number; source: FigureSource }>>;

export function resolveFigures(known: KnownFigures, given: GivenFigures): Figures {
  const resolved = figureNames.map((name): [FigureName, Figure] => {
    const value = given[name];
    if (value !== undefined) return [name, { value, source: 'given' }];
    const { default: usual, from }: FigureKind = figureKinds[name];
    return [name, known[name] ?? { value: usual, source: from }];
  });
  return Object.fromEntries(resolved) as Figures;
}

/** A figure that can't be true beside the others; null: there is none. */
export function contradictionIn({ cachedTokens, promptTokens }: Figures): FigureName | null {
  return (cachedTokens.value ?? 0) > (promptTokens.value ?? Number.POSITIVE_INFINITY) ? 'cachedTokens' : null;
}

/** Figures without which nothing can be reckoned, and that nobody knows. */
export function missingFigures(figures: Figures): FigureName[] {
  return figureNames.filter((name) => figureKinds[name].isNeeded && figures[name].value === null);
}
