/**
 * From what the teacher said to one input, asked once or several times, to one label.
 *
 * @module
 */
import type { GivenAnswer, RejectedAnswer } from './read-answer.ts';

/** An input's answer, as the student will learn it. */
export interface Labelled extends GivenAnswer {
  /** How often each answer was given, the commonest first; only where the teacher was asked more than once. */
  readonly votes?: Readonly<Record<string, number>>;
}

/**
 * The majority's answer, with the reasoning and the log-probabilities of the first vote for it. Among answers given
 * equally often, the one given first. Rejected votes don't count, unless there are no others.
 *
 * Shares are the mean of those of all votes; of a vote without, all of it is its answer's.
 */
export function combineVotes(votes: readonly (GivenAnswer | RejectedAnswer)[]): Labelled | RejectedAnswer {
  const given = votes.filter((vote) => 'answer' in vote);
  if (given.length === 0) return votes[0] as RejectedAnswer;
  const counts = new Map<string, number>();
  for (const { answer } of given) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  // Sorting keeps the order of those given equally often, which is that of the first votes.
  const ranked = [...counts].sort(([, a], [, b]) => b - a);
  const winner = given.find(({ answer }) => answer === ranked[0]![0])!;
  if (votes.length === 1) return winner;
  const shares = meanShares(given);
  return { ...winner, votes: Object.fromEntries(ranked), ...(shares && { shares }) };
}

/** Undefined where no vote has any: then the votes tell as much. */
function meanShares(given: readonly GivenAnswer[]): Record<string, number> | undefined {
  if (given.every(({ shares }) => shares === undefined)) return undefined;
  const sums = new Map<string, number>();
  for (const { answer, shares = { [answer]: 1 } } of given)
    for (const [label, share] of Object.entries(shares)) sums.set(label, (sums.get(label) ?? 0) + share);
  return Object.fromEntries(
    [...sums].sort(([, a], [, b]) => b - a).map(([label, sum]) => [label, sum / given.length]),
  );
}
