/**
 * Two students on the same examples: how often each agrees with the teacher, and where they part.
 *
 * Whether one is better is told by the examples on which only one of them agrees: were they alike, either would be as
 * likely on each (McNemar's test in its exact form; McNemar, Note on the sampling error of the difference between
 * correlated proportions or percentages, Psychometrika 12, 1947).
 *
 * @module
 */
import { binomialTail } from '../certificates/binomial-tail.ts';
import { shareInterval } from '../certificates/upper-bound.ts';

/** What one of them said to an example. */
export interface ComparisonSide {
  readonly answer: string;
  /** In [0, 1]. */
  readonly confidence: number;
  readonly certified: boolean;
  readonly agrees: boolean;
}

/** One example, answered by both. */
export interface Compared {
  readonly text: string;
  readonly teacher: string;
  readonly one: ComparisonSide;
  readonly other: ComparisonSide;
}

interface Measured {
  /** Share of all examples on which it agrees with the teacher, with its exact interval at 95 %. */
  readonly agreement: number;
  readonly interval: readonly [number, number];
  /** Share that it would answer under its own certificate. */
  readonly coverage: number;
  /** Of these the share that disagrees with the teacher; null where it would answer none. */
  readonly disagreementAmongAnswered: number | null;
}

export interface Comparison {
  readonly n: number;
  readonly one: Measured;
  readonly other: Measured;
  /** Examples on which both agree with the teacher, on which only one does, and on which neither does. */
  readonly counts: {
    readonly both: number;
    readonly onlyOne: number;
    readonly onlyOther: number;
    readonly neither: number;
  };
  /** Examples to which they give different answers. */
  readonly apart: number;
  /** How likely so great a difference, or a greater one, is by chance alone: two-sided, in (0, 1]. */
  readonly byChance: number;
  /** The surest first: those that only the one gets as the teacher does, those that only the other does, and of those
   * that neither does the ones that they answer differently. */
  readonly examples: {
    readonly onlyOne: readonly Compared[];
    readonly onlyOther: readonly Compared[];
    readonly neither: readonly Compared[];
  };
}

/** Of each kind. */
const mostExamples = 20;

/** @throws RangeError where there is no example */
export function compareAnswers(compared: readonly Compared[]): Comparison {
  if (compared.length === 0) throw new RangeError('There is no example to compare two students on.');
  const where = (one: boolean, other: boolean) =>
    compared.filter((example) => example.one.agrees === one && example.other.agrees === other);
  const [onlyOne, onlyOther, neither] = [where(true, false), where(false, true), where(false, false)];
  const [b, c] = [onlyOne.length, onlyOther.length];
  return {
    n: compared.length,
    one: measured(compared.map(({ one }) => one)),
    other: measured(compared.map(({ other }) => other)),
    counts: {
      both: compared.length - b - c - neither.length,
      onlyOne: b,
      onlyOther: c,
      neither: neither.length,
    },
    apart: compared.filter(({ one, other }) => one.answer !== other.answer).length,
    byChance: Math.min(1, 2 * binomialTail(Math.min(b, c), b + c, 0.5)),
    examples: {
      onlyOne: surest(onlyOne),
      onlyOther: surest(onlyOther),
      neither: surest(neither.filter(({ one, other }) => one.answer !== other.answer)),
    },
  };
}

function measured(sides: readonly ComparisonSide[]): Measured {
  const agreed = sides.filter(({ agrees }) => agrees).length;
  const answered = sides.filter(({ certified }) => certified);
  return {
    agreement: agreed / sides.length,
    interval: shareInterval(agreed, sides.length),
    coverage: answered.length / sides.length,
    disagreementAmongAnswered:
      answered.length === 0 ? null : answered.filter(({ agrees }) => !agrees).length / answered.length,
  };
}

function surest(compared: readonly Compared[]): Compared[] {
  const sureness = ({ one, other }: Compared) => Math.max(one.confidence, other.confidence);
  return compared.toSorted((a, b) => sureness(b) - sureness(a)).slice(0, mostExamples);
}
