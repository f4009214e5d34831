/**
 * What an example tells of the teacher's answer beyond the answer itself: how likely each was, or how often each was
 * given, as labelling leaves it beside the answer.
 *
 * @module
 */
import { z } from 'zod';

export interface AnswerShares {
  /** Answers, each with its share, adding up to 1 or less: nothing is known of the rest. */
  readonly shares: readonly (readonly [answer: string, share: number])[];
  /** How often the teacher was asked. */
  readonly weight: number;
}

const numbers = z.record(z.string(), z.number().nonnegative());
/** What rounding may add to a sum of shares. */
const rounding = 0.01;

/**
 * `shares`, of the log-probabilities, go before `votes`, which they are the finer estimate of. Whatever has not the shape
 * of either is somebody else's key.
 */
export function answerShares(extra: Readonly<Record<string, unknown>>): AnswerShares | undefined {
  const votes = entriesOf(extra.votes);
  const asked = sum(votes);
  const shares = entriesOf(extra.shares);
  const known = sum(shares);
  if (known > 0 && known <= 1 + rounding)
    return { shares: scaled(shares, Math.max(1, known)), weight: asked > 0 ? asked : 1 };
  return asked > 0 ? { shares: scaled(votes, asked), weight: asked } : undefined;
}

function entriesOf(value: unknown): [string, number][] {
  if (value === undefined) return [];
  const { success, data } = numbers.safeParse(value);
  return success ? Object.entries(data).filter(([, number]) => number > 0) : [];
}

function sum(entries: readonly [string, number][]): number {
  return entries.reduce((all, [, number]) => all + number, 0);
}

function scaled(entries: readonly [string, number][], whole: number): [string, number][] {
  return entries.map(([answer, number]) => [answer, number / whole]);
}
