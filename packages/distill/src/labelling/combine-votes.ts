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
 * The majority's answer, with the reasoning and the probabilities of the first vote for it. Among answers given equally
 * often, the one given first. Rejected votes don't count, unless there are no others.
 */
export function combineVotes(votes: readonly (GivenAnswer | RejectedAnswer)[]): Labelled | RejectedAnswer {
  const given = votes.filter((vote) => 'answer' in vote);
  if (given.length === 0) return votes[0] as RejectedAnswer;
  const counts = new Map<string, number>();
  for (const { answer } of given) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  // Sorting keeps the order of those given equally often, which is that of the first votes.
  const ranked = [...counts].sort(([, a], [, b]) => b - a);
  const winner = given.find(({ answer }) => answer === ranked[0]![0])!;
  return votes.length === 1 ? winner : { ...winner, votes: Object.fromEntries(ranked) };
}
