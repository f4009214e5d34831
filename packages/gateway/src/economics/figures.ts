/**
 * What the costs of a task are reckoned from: every figure by its name, with its unit, its range, its default, and where
 * that default comes from. The command line's options, the file of assumptions and the console's fields are made of this
 * one table.
 *
 * A figure without a default is never made up: it is recorded, or stands in a certificate or the configuration, or is
 * given, or there is no result.
 *
 * @module
 */
import { z } from 'zod';

/** Where a student may run. */
export const hostings = ['own', 'cpu', 'gpu'] as const;
/** `own`: hardware that is bought; `cpu`, `gpu`: a server that is rented by the hour, with processors or a GPU. */
export type Hosting = (typeof hostings)[number];

export type FigureUnit =
  | 'calls a day'
  | 'tokens a call'
  | 'USD per million tokens'
  | 'share'
  | 'examples'
  | 'ms'
  | 'USD'
  | 'years'
  | 'W'
  | 'USD per kWh'
  | 'USD an hour'
  | 'times'
  | 'hours a month'
  | 'hours'
  | 'calls'
  | 'months';

/** What a figure is about, for whoever lists them. */
export type FigureGroup = 'calls' | 'teacher' | 'student' | 'hosting' | 'making' | 'uncertainty';

export interface FigureKind {
  readonly group: FigureGroup;
  readonly unit: FigureUnit;
  /** Null: there is none, and where `isNeeded` nothing is reckoned without the figure. */
  readonly default: number | null;
  /**
   * Where the default comes from. `assumption`: an order of magnitude that nobody has verified for this house, to be
   * edited; `Kolben`: what Kolben itself does where nothing is said; `none`: there is no default.
   */
  readonly from: 'assumption' | 'Kolben' | 'none';
  readonly isNeeded: boolean;
  readonly least: number;
  readonly most: number;
  readonly isWhole?: true;
  /** What it is, in a few words: the help of its option. */
  readonly about: string;
}

const needed = (figure: Omit<FigureKind, 'default' | 'from' | 'isNeeded'>): FigureKind => ({
  ...figure,
  ...{ default: null, from: 'none', isNeeded: true },
});
const optional = (figure: Omit<FigureKind, 'default' | 'from' | 'isNeeded'>): FigureKind => ({
  ...figure,
  ...{ default: null, from: 'none', isNeeded: false },
});
const assumed = (figure: Omit<FigureKind, 'from' | 'isNeeded'>): FigureKind => ({
  ...figure,
  ...{ from: 'assumption', isNeeded: false },
});

export const figureKinds = {
  /** Those that somebody has to answer: a cache's answers aren't counted. */
  callsPerDay: needed({
    ...{ group: 'calls', unit: 'calls a day', least: 0.001, most: 1e9 },
    about: 'calls a day, those that a cache answers left out',
  }),
  promptTokens: needed({
    ...{ group: 'calls', unit: 'tokens a call', least: 0, most: 1e7 },
    about: 'prompt tokens of a call, on average',
  }),
  cachedTokens: {
    ...{ group: 'calls', unit: 'tokens a call', least: 0, most: 1e7 },
    ...{ default: 0, from: 'assumption', isNeeded: false },
    about: "of the prompt's tokens, those that come from the provider's cache",
  },
  answerTokens: needed({
    ...{ group: 'calls', unit: 'tokens a call', least: 0, most: 1e7 },
    about: "tokens of an answer, on average, its reasoning's among them",
  }),

  inputPerMillion: needed({
    ...{ group: 'teacher', unit: 'USD per million tokens', least: 0, most: 1e5 },
    about: "the teacher's price of prompt tokens",
  }),
  /** Where there is none, cached tokens cost what others do. */
  cachedInputPerMillion: optional({
    ...{ group: 'teacher', unit: 'USD per million tokens', least: 0, most: 1e5 },
    about: "the teacher's price of prompt tokens from its cache; by default that of the others",
  }),
  outputPerMillion: needed({
    ...{ group: 'teacher', unit: 'USD per million tokens', least: 0, most: 1e5 },
    about: "the teacher's price of answer tokens",
  }),

  coverage: needed({
    ...{ group: 'student', unit: 'share', least: 0, most: 1 },
    about: 'the share of calls that the student answers under its certificate',
  }),
  /** Decides how sure the coverage is: the interval is that of a share seen in so many. */
  coverageExamples: assumed({
    ...{ group: 'student', unit: 'examples', least: 1, most: 1e9, isWhole: true, default: 500 },
    about: 'on how many examples or calls the coverage was seen',
  }),
  auditShare: {
    ...{ group: 'student', unit: 'share', least: 0, most: 1 },
    ...{ default: 0.05, from: 'Kolben', isNeeded: false },
    about: 'the share of all calls of a cascade that student and teacher are both asked',
  },
  /** Of the student on calls of all kinds, those among them of which it isn't sure. */
  agreement: optional({
    ...{ group: 'student', unit: 'share', least: 0, most: 1 },
    about: "the share of all calls, sure of or not, to which the student gives the teacher's answer",
  }),
  latencyMs: assumed({
    ...{ group: 'student', unit: 'ms', least: 0, most: 1e6, default: 20 },
    about: 'how long the student keeps its machine busy with one call',
  }),

  hardwarePrice: assumed({
    ...{ group: 'hosting', unit: 'USD', least: 0, most: 1e8, default: 1_500 },
    about: 'what a machine of your own costs',
  }),
  hardwareYears: assumed({
    ...{ group: 'hosting', unit: 'years', least: 0.1, most: 50, default: 4 },
    about: 'for how many years it is used, then it is bought again',
  }),
  hardwareShare: assumed({
    ...{ group: 'hosting', unit: 'share', least: 0, most: 1, default: 1 },
    about: 'the share of the machine, owned or rented, that the task has to pay for',
  }),
  powerWatts: assumed({
    ...{ group: 'hosting', unit: 'W', least: 0, most: 1e6, default: 60 },
    about: 'what your own machine draws on average, day and night, its cooling included',
  }),
  electricity: assumed({
    ...{ group: 'hosting', unit: 'USD per kWh', least: 0, most: 100, default: 0.3 },
    about: 'the price of electricity',
  }),
  serverPerHour: assumed({
    ...{ group: 'hosting', unit: 'USD an hour', least: 0, most: 1e4, default: 0.08 },
    about: 'what a rented server without a GPU costs',
  }),
  gpuPerHour: assumed({
    ...{ group: 'hosting', unit: 'USD an hour', least: 0, most: 1e4, default: 0.8 },
    about: 'what a rented server with a GPU costs',
  }),
  peakFactor: assumed({
    ...{ group: 'hosting', unit: 'times', least: 1, most: 1e4, default: 5 },
    about: 'how many times the average the busiest hour has of calls: the machine must stand that',
  }),
  upkeepHours: assumed({
    ...{ group: 'hosting', unit: 'hours a month', least: 0, most: 1_000, default: 1 },
    about: 'hours of work a month for the student and its machine',
  }),
  workPerHour: assumed({
    ...{ group: 'hosting', unit: 'USD an hour', least: 0, most: 1e4, default: 70 },
    about: 'what an hour of work costs',
  }),

  /** Calls that were recorded in daily work are paid for already. */
  labellingCalls: {
    ...{ group: 'making', unit: 'calls', least: 0, most: 1e9, isWhole: true },
    ...{ default: 0, from: 'Kolben', isNeeded: false },
    about: 'questions that the teacher is asked for the training alone; recorded calls cost nothing more',
  },
  trainingHours: assumed({
    ...{ group: 'making', unit: 'hours', least: 0, most: 1e5, default: 0.5 },
    about: 'how long the machine trains the student',
  }),
  workHours: assumed({
    ...{ group: 'making', unit: 'hours', least: 0, most: 1e5, default: 16 },
    about: 'hours of work until the student answers',
  }),

  callsSpread: assumed({
    ...{ group: 'uncertainty', unit: 'times', least: 1, most: 100, default: 1.3 },
    about: 'calls a day lie within this factor below and above, with a probability of 80 %',
  }),
  tokensSpread: assumed({
    ...{ group: 'uncertainty', unit: 'times', least: 1, most: 100, default: 1.15 },
    about: 'the same of the tokens of a call',
  }),
  priceSpread: assumed({
    ...{ group: 'uncertainty', unit: 'times', least: 1, most: 100, default: 1.3 },
    about: "the same of the teacher's prices over the time that is looked at",
  }),
  horizonMonths: {
    ...{ group: 'uncertainty', unit: 'months', least: 1, most: 120, isWhole: true },
    ...{ default: 24, from: 'Kolben', isNeeded: false },
    about: 'how many months the curves are drawn for',
  },
} as const satisfies Record<string, FigureKind>;

export type FigureName = keyof typeof figureKinds;
export const figureNames = Object.keys(figureKinds) as FigureName[];

/** Figures by name; what is left out comes from elsewhere. */
export type GivenFigures = Partial<Record<FigureName, number>>;

/** The same from outside: a file, a query. */
export const givenFiguresSchema = z.strictObject(
  Object.fromEntries(figureNames.map((name) => [name, figureSchema(name).optional()])) as Record<
    FigureName,
    z.ZodOptional<z.ZodNumber>
  >,
);

function figureSchema(name: FigureName): z.ZodNumber {
  const { least, most, isWhole }: FigureKind = figureKinds[name];
  const number = z.number().min(least).max(most);
  return isWhole ? number.int() : number;
}
