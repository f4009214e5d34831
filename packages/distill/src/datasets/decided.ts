/**
 * What a person decided about an example in which student and teacher differ, as it stands beside it.
 *
 * People decide about calls in which the two differ, so what is decided is no random sample: a certificate that stood on
 * the decided answers would be about no calls that anybody meets. But the calls themselves may well be of the random
 * sample, and without them it would lack just those in which the student was wrong. So a decided answer is taught and never
 * judges: a call stays in the split that it would be in anyway, and outside of train it is held to what the teacher said,
 * which is what the certificate is about (decision 0331).
 *
 * @module
 */
import type { Example } from '@kolben/store';

/** The keys in an example's line, and in what the store tells of a call. */
const DECIDED = 'decided';
const DECIDED_AT = 'decidedAt';
const TEACHER_ANSWER = 'teacherAnswer';

export interface DecidedExample {
  /** What the teacher said. */
  teacher: string;
  /** What is right; null: nobody can tell, so it is not to be taught. */
  taught: string | null;
  /** When it was decided, as ISO 8601; empty where the example doesn't tell. */
  at: string;
}

/** Undefined where nobody decided anything. */
export function decidedOf({ answer, extra }: Example): DecidedExample | undefined {
  const { [DECIDED]: decided, [DECIDED_AT]: at, [TEACHER_ANSWER]: teacher } = extra;
  if (typeof decided !== 'string' || typeof teacher !== 'string' || answer === undefined) return undefined;
  return {
    teacher,
    taught: decided === 'undecidable' ? null : answer,
    at: typeof at === 'string' ? at : '',
  };
}

/** The example as it was before anybody decided, where that was later than this moment. */
export function decidedUntil(example: Example, end: Date): Example {
  const decided = decidedOf(example);
  if (decided === undefined || !(Date.parse(decided.at) > end.getTime())) return example;
  const { [DECIDED]: _, [DECIDED_AT]: __, [TEACHER_ANSWER]: ___, ...extra } = example.extra;
  return { ...example, answer: decided.teacher, extra };
}
