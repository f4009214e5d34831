/**
 * The student in service beside one that is to follow it: both judged on the same examples.
 *
 * @module
 */
import { type Chip, KolbenError } from '@kolben/engine';
import type { Certificate } from '../certificates/certificate.ts';
import { certify } from '../certificates/certify.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Equality } from '../equality/equality.ts';
import { answersEqual } from './answers-equal.ts';
import { openStudent } from './open-student.ts';
import type { StudentTask } from './task.ts';

export interface IncumbentReport {
  readonly student: string;
  /** Null where its folder could not be opened. */
  readonly digest: string | null;
  /** What it would get on the new calibration examples. */
  readonly certificate: Certificate | null;
  /** Why it gets none. */
  readonly reason?: string;
  /** Whether the new student's certificate is better. */
  readonly outdone: boolean;
}

/**
 * Better is who may answer more under the same promise. Equal is not better: a change must be worth it.
 *
 * Both must have been issued for the same alpha and delta, from the same examples.
 */
export function isBetter(challenger: Certificate | null, incumbent: Certificate | null): boolean {
  if (challenger === null) return false;
  return incumbent === null || challenger.coverage > incumbent.coverage;
}

export interface JudgeIncumbentOptions {
  readonly splits: Pick<Dataset['splits'], 'tune' | 'calibration'>;
  /** The task as the new student answers it: by it answers are compared. */
  readonly task: StudentTask;
  readonly equality: Equality | undefined;
  readonly chips: readonly Chip[];
  readonly alpha: number;
  readonly delta: number;
  readonly challenger: Certificate | null;
}

/** A folder that cannot be opened is no hindrance to its successor. */
export async function judgeIncumbent(
  directory: string,
  { splits, task, equality, chips, alpha, delta, challenger }: JudgeIncumbentOptions,
): Promise<IncumbentReport> {
  const without = (digest: string | null, reason: string): IncumbentReport => ({
    ...{ student: directory, digest, certificate: null, reason, outdone: isBetter(challenger, null) },
  });
  let student: Awaited<ReturnType<typeof openStudent>>;
  try {
    student = await openStudent(directory, { chips });
  } catch (error) {
    if (KolbenError.isInstance(error)) return without(null, error.message);
    throw error;
  }
  try {
    if (student.task.kind !== task.kind)
      return without(
        student.digest,
        `It was taught to ${student.task.kind}, and the calls are to ${task.kind} now.`,
      );
    const scored = async (examples: readonly { text: string; answer: string }[]) =>
      (await student.answer(examples.map(({ text }) => text))).map(({ answer, confidence }, i) => ({
        score: confidence,
        correct: answersEqual(task, examples[i].answer, answer, equality),
      }));
    const result = certify({
      ...{ tune: await scored(splits.tune), calibration: await scored(splits.calibration), alpha, delta },
    });
    const { certificate } = result;
    return {
      ...{ student: directory, digest: student.digest, certificate },
      ...(result.certificate === null && { reason: result.reason }),
      outdone: isBetter(challenger, certificate),
    };
  } finally {
    await student.close();
  }
}
