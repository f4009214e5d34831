/**
 * Whether a student may be made of a task's recorded calls, asked before anything is counted or trained.
 *
 * @module
 */
import type { DistillOptions, TermsError } from '@kolben/distill';
import type { Config } from '@kolben/gateway/config';
import type { TeacherAnswers } from '@kolben/store';

export interface AnswersOfTask extends Pick<DistillOptions, 'kind' | 'distribution'> {
  config: Config | undefined;
  task: string;
  /** Who gave the answers that are recorded; where there are none yet, whoever the configuration has answer. */
  teachers: readonly TeacherAnswers[];
}

/** Undefined: nothing that is known stands against it. */
export async function refusalOfCalls(answers: AnswersOfTask): Promise<TermsError | undefined> {
  const { config, task, teachers, kind, distribution = 'internal' } = answers;
  if (config === undefined) return undefined;
  const { foreseeRefusal, knownTeachers } = await import('@kolben/distill');
  const named = [config.tasks[task]?.teacher ?? []].flat();
  const nobody = { provider: null, model: null, calls: 0 };
  const [first] = named;
  const counted =
    teachers.length > 0
      ? knownTeachers([...teachers], named)
      : knownTeachers([nobody], first === undefined ? [] : [first]);
  return foreseeRefusal({ teachers: counted, kind, distribution, providers: config.providers });
}
