/**
 * What a month of a task costs, in each of the three ways to have its calls answered, and what comes before it.
 *
 * With M calls a month, t what the teacher takes for one, c the coverage, a the audited share, h the machines that the
 * task pays for (docs/economics.md has the formulas in full):
 *
 *     teacher alone   M · t
 *     cascade         M · t · (1 − c) + M · t · c · a + host(h) + upkeep
 *     student alone   host(h) + upkeep
 *
 * All money in USD.
 *
 * @module
 */
import { costOf } from '../ledger/cost.ts';
import type { FigureName, Hosting } from './figures.ts';

/** Days, and hours, of an average month of the Gregorian calendar, with its leap years every four years. */
export const daysPerMonth = 365.25 / 12;
export const hoursPerMonth = daysPerMonth * 24;
const secondsPerDay = 86_400;

/** Every figure as a number; those that may be unknown and are, null. */
export type Amounts = Record<Exclude<FigureName, 'cachedInputPerMillion' | 'agreement'>, number> &
  Record<'cachedInputPerMillion' | 'agreement', number | null>;

export const ways = ['teacher', 'cascade', 'student'] as const;
/**
 * `teacher`: the teacher answers all; `cascade`: the student answers what its certificate covers, the teacher the rest;
 * `student`: the student answers all, also what it isn't sure of.
 */
export type Way = (typeof ways)[number];

/** What a month of one way is made of. */
export interface MonthlyParts {
  /** Calls that the teacher answers. */
  teacher: number;
  /** Calls that the student answers and the teacher is asked too. */
  audits: number;
  /** What the own machine loses in value. */
  hardware: number;
  electricity: number;
  /** A rented server. */
  server: number;
  upkeep: number;
}

export const partNames = [
  'teacher',
  'audits',
  'hardware',
  'electricity',
  'server',
  'upkeep',
] as const satisfies readonly (keyof MonthlyParts)[];

/** What is spent once, before the student answers. */
export interface MakingParts {
  labelling: number;
  training: number;
  work: number;
}

export interface MonthlyCosts {
  ways: Record<Way, MonthlyParts>;
  making: MakingParts;
  /** The price of the own machines that the task pays for; 0 where they are rented. Spent again after each life. */
  hardware: number;
  /** How long such a machine is used, months. */
  lifeMonths: number;
  /** Machines that the task pays for: its share, or what its busiest hour needs, whichever is more. */
  machines: number;
  /** The same of the busiest hour alone: how much of one machine it needs. */
  load: number;
}

/** What the teacher takes for one call. */
export function teacherCallCost(amounts: Amounts): number {
  const { promptTokens, cachedTokens, answerTokens, inputPerMillion, outputPerMillion } = amounts;
  return costOf(
    { promptTokens, cachedTokens, completionTokens: answerTokens },
    {
      ...{ currency: 'USD', inputPerMillion, outputPerMillion },
      ...(amounts.cachedInputPerMillion !== null && { cachedInputPerMillion: amounts.cachedInputPerMillion }),
    },
  );
}

export function monthlyCosts(amounts: Amounts, hosting: Hosting): MonthlyCosts {
  const { callsPerDay, coverage, auditShare, latencyMs, peakFactor } = amounts;
  const call = teacherCallCost(amounts);
  const calls = callsPerDay * daysPerMonth;
  // In a cascade too the student reads every call: only then is it known how sure it is.
  const load = (callsPerDay / secondsPerDay) * (latencyMs / 1_000) * peakFactor;
  const machines = Math.max(amounts.hardwareShare, load);
  const lifeMonths = amounts.hardwareYears * 12;
  const kilowattHour = (hours: number) => (amounts.powerWatts / 1_000) * hours * amounts.electricity;
  const perHour = hosting === 'gpu' ? amounts.gpuPerHour : amounts.serverPerHour;
  const hardware = hosting === 'own' ? machines * amounts.hardwarePrice : 0;
  const host = {
    hardware: hardware / lifeMonths,
    electricity: hosting === 'own' ? machines * kilowattHour(hoursPerMonth) : 0,
    server: hosting === 'own' ? 0 : machines * hoursPerMonth * perHour,
    upkeep: amounts.upkeepHours * amounts.workPerHour,
  };
  const none = { hardware: 0, electricity: 0, server: 0, upkeep: 0 };
  return {
    ways: {
      teacher: { teacher: calls * call, audits: 0, ...none },
      cascade: {
        teacher: calls * call * (1 - coverage),
        audits: calls * call * coverage * auditShare,
        ...host,
      },
      student: { teacher: 0, audits: 0, ...host },
    },
    making: {
      labelling: amounts.labellingCalls * call,
      training: hosting === 'own' ? kilowattHour(amounts.trainingHours) : amounts.trainingHours * perHour,
      work: amounts.workHours * amounts.workPerHour,
    },
    hardware,
    lifeMonths,
    machines,
    load,
  };
}

export function sumOf(parts: MonthlyParts | MakingParts): number {
  return Object.values(parts).reduce((sum: number, part: number) => sum + part, 0);
}
