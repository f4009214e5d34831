/**
 * What a month of a task's present traffic would cost where its student answers a share of it.
 *
 * @module
 */

export interface Traffic {
  /** Of the last thirty days. */
  calls: number;
  /** What the teacher alone would have cost, USD. */
  teacherCost: number;
  /** The share of calls that is asked of both. */
  audit: number;
}

export interface Month {
  calls: number;
  /** USD: the teacher answering all calls; the cascade, with the audits of what the student answers. */
  teacherAlone: number;
  cascade: number;
  saved: number;
  /** Calls that the student would answer, and those of them in which it would differ from the teacher. */
  answered: number;
  disagreements: number;
}

/**
 * A student's own answer is free in the ledger, so it is here. Calls are taken to cost the same whoever may answer them.
 *
 * @param coverage share of calls that the student answers, 0 … 1
 * @param disagreement share of these in which it differs from the teacher, 0 … 1
 */
export function monthOf(
  { calls, teacherCost, audit }: Traffic,
  coverage: number,
  disagreement: number,
): Month {
  const asked = 1 - coverage + audit * coverage;
  return {
    ...{ calls, teacherAlone: teacherCost, cascade: teacherCost * asked, saved: teacherCost * (1 - asked) },
    answered: calls * coverage,
    disagreements: calls * coverage * disagreement,
  };
}
