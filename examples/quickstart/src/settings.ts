/**
 * Everything that can be turned in the quickstart, in one place, and what it says about it.
 *
 * @module
 */

/** The same seed gives the same division of the mails, the same waiting times and the same student. */
export const seed = 0;

/** The task's name; clients ask for the model `kolben/mails`. */
export const task = 'mails';
/** The same teacher under another name, so that what is asked only in order to measure has its own ledger line. */
export const checkTask = 'mails-check';

/** How many of the mails are put to the teacher and recorded; the rest stays unseen until the student is there. */
export const recordedShare = 3_500 / 6_046;

/** Calls under way at once while a teacher is waited for. */
export const teacherConcurrency = 64;
/** Calls under way at once while the cascade is measured: few, for waiting in line is not answering. */
export const cascadeConcurrency = 4;

/** The largest share of disagreement to certify. */
export const alpha = 0.02;

/** Seconds that the training may take: a hundred for all mails, fewer for a shorter look. */
export function timeBudgetSeconds(mails: number): number {
  return Math.max(8, Math.round(mails / 60));
}

export const systemPrompt =
  'You sort mail. Read the mail and answer with exactly one lower-case word: spam, if it is unsolicited bulk mail or a fraud; ham, if it is anything else.';

/** What the replay teacher does instead of thinking. */
export const replay = { model: 'human-labels', medianMs: 400, spread: 0.35 };

/** USD per million tokens. About what small hosted models are listed at; an assumption, not a bill. */
export const assumedPrice = { inputPerMillion: 0.25, outputPerMillion: 2 };
