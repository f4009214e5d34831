/**
 * Gives every input one answer: the majority's, or none.
 *
 * @module
 */
import type { Conflict, Dataset } from './dataset.ts';
import type { Entry } from './merge-duplicates.ts';

export interface Settled {
  /** For each entry the answer it keeps; undefined where two answers were given equally often. */
  answers: (string | undefined)[];
  /** Inputs that were answered in different ways; all of them, in the order of the entries. */
  conflicts: Conflict[];
  /** Examples whose answer is not the one kept. */
  contradicting: number;
  /** Examples that repeat an input with the answer kept. */
  duplicatesRemoved: number;
  selfAgreement: Dataset['selfAgreement'];
}

export function settleConflicts(entries: readonly Entry[]): Settled {
  const conflicts: Conflict[] = [];
  let contradicting = 0;
  let duplicatesRemoved = 0;
  let repeated = 0;
  let agreement = 0;
  const answers = entries.map(({ text, answers: given }) => {
    const ranked = [...given]
      .map(([answer, count]) => ({ answer, count }))
      .sort((a, b) => b.count - a.count || (a.answer < b.answer ? -1 : 1));
    const [first, second] = ranked;
    const kept = second !== undefined && second.count === first!.count ? undefined : first!.answer;
    const total = ranked.reduce((sum, { count }) => sum + count, 0);
    const agreeing = kept === undefined ? 0 : first!.count;
    contradicting += total - agreeing;
    duplicatesRemoved += Math.max(0, agreeing - 1);
    if (total > 1) {
      repeated++;
      const pairs = ranked.reduce((sum, { count }) => sum + count * (count - 1), 0);
      agreement += pairs / (total * (total - 1));
    }
    if (second !== undefined) {
      conflicts.push({ text, answers: ranked, kept: kept ?? null });
    }
    return kept;
  });
  return {
    answers,
    conflicts,
    contradicting,
    duplicatesRemoved,
    selfAgreement: repeated === 0 ? null : { inputs: repeated, agreement: agreement / repeated },
  };
}
