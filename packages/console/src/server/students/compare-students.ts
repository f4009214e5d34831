/**
 * Two students on the newest recorded calls that neither learned from.
 *
 * @module
 */
import {
  type Answer,
  type Compared,
  type Comparison,
  compareAnswers,
  inputText,
  normaliseAnswer,
  openStudent,
} from '@kolben/distill';
import { ApiError } from '@kolben/gateway';
import type { Example } from '@kolben/store';
import type { ConsoleServices } from '../services.ts';
import type { FoundStudent } from './find-student.ts';
import { noExamples } from './measure-student.ts';
import { type UnseenExamples, unseenExamples } from './unseen-examples.ts';

export interface StudentComparison extends Omit<UnseenExamples, 'examples'> {
  readonly comparison: Comparison;
}

const mostExamples = 500;
const together = 128;

/** @throws ApiError 422 where they are of two tasks, or there is no such call */
export async function compareStudents(
  { store, config }: ConsoleServices,
  one: FoundStudent,
  other: FoundStudent,
  signal: AbortSignal,
): Promise<StudentComparison> {
  if (one.task !== other.task)
    throw new ApiError(
      422,
      'students_of_two_tasks',
      'These students are of two tasks, so there are no examples to compare them on; choose two of one task.',
      { type: 'invalid_request_error' },
    );
  const { examples, ...from } = await unseenExamples(store, one.task, [one.directory, other.directory], {
    most: mostExamples,
    signal,
  });
  if (examples.length === 0) throw noExamples(one.task);
  const equality = config.tasks[one.task]?.equality;
  const [ones, others] = [
    await answersOf(one, examples, equality, signal),
    await answersOf(other, examples, equality, signal),
  ];
  const compared = examples.map(
    ({ messages, answer }, i): Compared => ({
      text: inputText(messages),
      teacher: normaliseAnswer(answer ?? ''),
      one: ones[i]!,
      other: others[i]!,
    }),
  );
  return { comparison: compareAnswers(compared), ...from };
}

async function answersOf(
  { directory }: FoundStudent,
  examples: readonly Example[],
  equality: Parameters<Awaited<ReturnType<typeof openStudent>>['agrees']>[2],
  signal: AbortSignal,
): Promise<(Answer & { agrees: boolean })[]> {
  const student = await openStudent(directory);
  try {
    const answers: (Answer & { agrees: boolean })[] = [];
    for (let i = 0; i < examples.length; i += together) {
      signal.throwIfAborted();
      const some = examples.slice(i, i + together);
      const given = await student.answer(some.map(({ messages }) => inputText(messages)));
      given.forEach((answer, j) => {
        answers.push({ ...answer, agrees: student.agrees(some[j]!.answer ?? '', answer.answer, equality) });
      });
    }
    return answers;
  } finally {
    await student.close();
  }
}
