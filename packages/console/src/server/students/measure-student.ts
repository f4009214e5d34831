/**
 * Measures a student on this machine: how well it agrees with the teacher on calls it did not learn from, and how fast
 * it answers them.
 *
 * @module
 */
import { type EvalReport, evaluateStudent } from '@kolben/distill';
import { ApiError } from '@kolben/gateway';
import type { ConsoleServices } from '../services.ts';
import type { FoundStudent } from './find-student.ts';
import { unseenExamples } from './unseen-examples.ts';

export interface StudentMeasurement {
  /** When, as ISO 8601. */
  readonly at: string;
  readonly report: Required<EvalReport>;
  /** See `UnseenExamples`. */
  readonly later: number;
  readonly test: number;
  readonly span: readonly [string, string] | null;
}

/** Examples that one measurement is made on, at most. */
const mostExamples = 500;

/** @throws ApiError 422 where no such call is recorded */
export async function measureStudent(
  { store, config }: ConsoleServices,
  { task, directory }: FoundStudent,
  signal: AbortSignal,
): Promise<StudentMeasurement> {
  const { examples, later, test, span } = await unseenExamples(store, task, [directory], {
    most: mostExamples,
    signal,
  });
  if (examples.length === 0) throw noExamples(task);
  const equality = config.tasks[task]?.equality;
  const { details, ...report } = await evaluateStudent(directory, examples, {
    details: true,
    signal,
    ...(equality && { equality }),
  });
  if (!details) throw new TypeError('An evaluation with details has none.');
  return { at: new Date().toISOString(), report: { ...report, details }, later, test, span };
}

export function noExamples(task: string): ApiError {
  return new ApiError(
    422,
    'unseen_missing',
    `No call of the task ${task} is recorded with a teacher’s answer that the student did not learn from; send calls through the route shadow or teacher, then try again.`,
    { type: 'invalid_request_error', values: { task } },
  );
}
