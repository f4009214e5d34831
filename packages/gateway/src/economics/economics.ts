/**
 * What a task costs a month with its teacher alone, as a cascade and with its student alone, and when making a student
 * has paid for itself. The command line and the console both show what this gives.
 *
 * @module
 */
import { KolbenError } from '@kolben/engine';
import { monthsToBreakEven, type Spending, spentAfter } from './break-even.ts';
import { drawAmounts, type Spread, spreadOf } from './draws.ts';
import { type FigureName, figureNames, type Hosting, hostings } from './figures.ts';
import {
  type Amounts,
  daysPerMonth,
  type MakingParts,
  type MonthlyCosts,
  type MonthlyParts,
  monthlyCosts,
  sumOf,
  type Way,
  ways,
} from './monthly-cost.ts';
import { contradictionIn, type Figures, missingFigures } from './resolve-figures.ts';

/** How many times what isn't sure is drawn. */
const drawCount = 2_000;
const mostPoints = 25;
/** Draws between two turns of others. */
const costedAtOnce = 100;

/** Something that nobody knows is needed. */
export class EconomicsError extends KolbenError {}

/** Money: at the figures as they stand, and the interval that holds it with a probability of 80 %. */
export interface Money extends Spread {
  value: number;
}

/** Months; null: never. */
export interface Months {
  value: number | null;
  median: number | null;
  low: number | null;
  high: number | null;
  /** In which share of the draws it never pays for itself. */
  neverShare: number;
}

export interface WayCosts {
  way: Way;
  /** USD a month. */
  perMonth: Money;
  parts: MonthlyParts;
  /** Calls a month, by whom they are answered. */
  byTeacher: number;
  byStudent: number;
  /** Of the student's: those that no certificate covers. */
  uncertified: number;
}

export interface Economics {
  hosting: Hosting;
  currency: 'USD';
  /** The share of the draws that lies within each interval. */
  level: 0.8;
  callsPerMonth: number;
  ways: WayCosts[];
  /** Spent once. USD. */
  making: MakingParts & { total: number };
  /** Own machines, bought at the beginning and again after each life. USD; 0 where they are rented. */
  hardware: number;
  /** Machines that the task pays for. */
  machines: number;
  /** How much of one machine the busiest hour needs. */
  load: number;
  /** Against the teacher alone. */
  saved: { cascade: Money; student: Money };
  breakEven: { cascade: Months; student: Months };
  /** What was spent in all after so many months. USD. */
  spent: { month: number; teacher: Money; cascade: Money; student: Money }[];
  /** What the task would cost a month with its student elsewhere. USD. */
  hostings: {
    hosting: Hosting;
    cascade: number;
    student: number;
    breakEven: { cascade: number | null; student: number | null };
  }[];
  /** What the student alone would lose. */
  lost: {
    /** Calls a month that it would answer without being sure. */
    uncertified: number;
    /** Of all calls, the share with another answer than the teacher's; null where nobody has measured it. */
    disagreement: number | null;
  };
}

/**
 * @throws EconomicsError `economics_missing` where a figure is needed that nobody knows, `economics_figures` where one
 * contradicts another
 */
export function economicsOf(figures: Figures, hosting: Hosting): Economics {
  const reckoning = reckon(figures, hosting);
  for (;;) {
    const step = reckoning.next();
    if (step.done) return step.value;
  }
}

/** The same, a piece at a time: a gateway answers calls in between. */
export async function economicsInTurns(figures: Figures, hosting: Hosting): Promise<Economics> {
  const reckoning = reckon(figures, hosting);
  for (;;) {
    const step = reckoning.next();
    if (step.done) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Yields wherever others may have their turn. */
function* reckon(figures: Figures, hosting: Hosting): Generator<void, Economics, undefined> {
  const amounts = amountsOf(figures);
  const costs = monthlyCosts(amounts, hosting);
  const point = summed(costs);
  const draws = yield* drawAmounts(amounts, drawCount);
  yield;
  const drawn: Sums[] = [];
  for (let from = 0; from < drawCount; from += costedAtOnce) {
    for (const draw of draws.slice(from, from + costedAtOnce))
      drawn.push(summed(monthlyCosts(draw, hosting)));
    yield;
  }
  const money = (of: (sums: Sums) => number): Money => ({ value: of(point), ...spreadOf(drawn.map(of)) });
  const breakEven = (way: Way): Months => {
    const months = drawn.map((sums) => breakEvenOf(sums, way));
    const { median, low, high } = spreadOf(months);
    return {
      value: finite(breakEvenOf(point, way)),
      ...{ median: finite(median), low: finite(low), high: finite(high) },
      neverShare: months.filter((one) => !Number.isFinite(one)).length / months.length,
    };
  };
  const saved = (way: Way) => money(({ monthly }) => monthly.teacher - monthly[way]);
  const spent = (way: Way, month: number) => money(({ spending }) => spentAfter(spending[way], month));
  const calls = amounts.callsPerDay * daysPerMonth;
  const uncertified = calls * (1 - amounts.coverage);
  const byTeacher = { teacher: calls, cascade: uncertified, student: 0 };
  const course: Economics['spent'] = [];
  for (const month of monthsShown(amounts.horizonMonths)) {
    const [teacher, cascade, student] = ways.map((way) => spent(way, month));
    course.push({ month, teacher: teacher!, cascade: cascade!, student: student! });
    yield;
  }
  const paid = { cascade: breakEven('cascade'), student: breakEven('student') };
  yield;
  return {
    ...{ hosting, currency: 'USD', level: 0.8, callsPerMonth: calls },
    ways: ways.map((way) => ({
      way,
      perMonth: money(({ monthly }) => monthly[way]),
      parts: costs.ways[way],
      byTeacher: byTeacher[way],
      byStudent: calls - byTeacher[way],
      uncertified: way === 'student' ? uncertified : 0,
    })),
    making: { ...costs.making, total: sumOf(costs.making) },
    hardware: costs.hardware,
    machines: costs.machines,
    load: costs.load,
    saved: { cascade: saved('cascade'), student: saved('student') },
    breakEven: paid,
    spent: course,
    hostings: hostings.map((one) => {
      const there = summed(monthlyCosts(amounts, one));
      return {
        ...{ hosting: one, cascade: there.monthly.cascade, student: there.monthly.student },
        breakEven: {
          cascade: finite(breakEvenOf(there, 'cascade')),
          student: finite(breakEvenOf(there, 'student')),
        },
      };
    }),
    lost: { uncertified, disagreement: amounts.agreement === null ? null : 1 - amounts.agreement },
  };
}

/** @throws EconomicsError */
function amountsOf(figures: Figures): Amounts {
  const missing = missingFigures(figures);
  if (missing.length > 0)
    throw new EconomicsError(
      'economics_missing',
      `Nobody knows ${missing.join(', ')} of this task: give ${missing.length === 1 ? 'it' : 'them'}.`,
    );
  if (contradictionIn(figures) !== null) throw contradiction(figures);
  const amounts: Record<FigureName, number | null> = Object.fromEntries(
    figureNames.map((name) => [name, figures[name].value]),
  ) as Record<FigureName, number | null>;
  return amounts as Amounts;
}

/** What is wrong with figures of which one contradicts another. */
export function contradiction({ promptTokens, cachedTokens }: Figures): EconomicsError {
  return new EconomicsError(
    'economics_figures',
    `Of a prompt of ${promptTokens.value} tokens, ${cachedTokens.value} can't come from a cache: lower cachedTokens.`,
  );
}

function spendingOf(costs: MonthlyCosts, way: Way): Spending {
  if (way === 'teacher')
    return { making: 0, hardware: 0, lifeMonths: costs.lifeMonths, monthly: sumOf(costs.ways.teacher) };
  const { hardware, ...rest } = costs.ways[way];
  return {
    making: sumOf(costs.making),
    hardware: costs.hardware,
    lifeMonths: costs.lifeMonths,
    monthly: sumOf({ ...rest, hardware: 0 }),
  };
}

/** What is asked for again and again, added up once. */
interface Sums {
  monthly: Record<Way, number>;
  spending: Record<Way, Spending>;
}

function summed(costs: MonthlyCosts): Sums {
  const each = <T>(of: (way: Way) => T): Record<Way, T> => ({
    ...{ teacher: of('teacher'), cascade: of('cascade'), student: of('student') },
  });
  return {
    monthly: each((way) => sumOf(costs.ways[way])),
    spending: each((way) => spendingOf(costs, way)),
  };
}

function breakEvenOf({ monthly, spending }: Sums, way: Way): number {
  return monthsToBreakEven(spending[way], monthly.teacher);
}

/** Whole months from 0 to the horizon, at most 25 of them. */
function monthsShown(horizon: number): number[] {
  const step = Math.ceil(horizon / (mostPoints - 1));
  const months = Array.from({ length: Math.floor(horizon / step) + 1 }, (_, i) => i * step);
  return months.at(-1) === horizon ? months : [...months, horizon];
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
