/**
 * The whole answer for a task: its figures with their sources, what follows from them, the prices of the models. What
 * `kolben economics --json` prints and the console shows.
 *
 * @module
 */
import { type Economics, economicsInTurns } from './economics.ts';
import type { FigureName, GivenFigures, Hosting } from './figures.ts';
import { type ListedPrice, listPrices } from './price-list.ts';
import { type KnownOfTask, knownOfTask, type TaskQuestion } from './recorded-figures.ts';
import { contradictionIn, type Figures, missingFigures, resolveFigures } from './resolve-figures.ts';

export interface EconomicsQuestion extends TaskQuestion {
  given: GivenFigures;
  hosting: Hosting;
}

export interface EconomicsAnswer {
  task: string | null;
  teacher: string | null;
  student: string | null;
  /** The calls that figures were taken from; ISO 8601. */
  calls: { n: number; first: string; last: string } | null;
  figures: Figures;
  /** Figures without which nothing can be reckoned. */
  missing: FigureName[];
  /** A figure that can't be true beside the others. */
  contradicts: FigureName | null;
  /** Null where figures are missing, or one contradicts another. */
  result: Economics | null;
  prices: ListedPrice[];
}

export async function taskEconomics(question: EconomicsQuestion): Promise<EconomicsAnswer> {
  const { task, given, hosting, config } = question;
  const known: KnownOfTask = await knownOfTask(question);
  const figures = resolveFigures(known.figures, given);
  const missing = missingFigures(figures);
  const contradicts = contradictionIn(figures);
  const { promptTokens, cachedTokens, answerTokens } = figures;
  const tokens =
    promptTokens.value === null || answerTokens.value === null
      ? undefined
      : {
          promptTokens: promptTokens.value,
          cachedTokens: cachedTokens.value ?? 0,
          answerTokens: answerTokens.value,
        };
  return {
    task,
    teacher: known.teacher,
    student: known.student,
    calls: known.calls && {
      n: known.calls.n,
      first: known.calls.first.toISOString(),
      last: known.calls.last.toISOString(),
    },
    figures,
    missing,
    contradicts,
    result: missing.length > 0 || contradicts !== null ? null : await economicsInTurns(figures, hosting),
    prices: config ? listPrices(config, tokens) : [],
  };
}
