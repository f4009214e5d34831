/**
 * Asks a task's student for its opinion of a request.
 *
 * @module
 */
import type { Message, StudentAnswer } from '@kolben/store';
import type { RedactHook } from '../config/redaction-schema.ts';
import type { JsonObject } from '../json.ts';
import { type Log, reasonOf } from '../log/log.ts';
import { messagesOf } from '../messages.ts';
import { callHook } from '../redaction/redacted-texts.ts';
import type { Task } from '../tasks/task.ts';
import { obstacleFor } from './can-serve.ts';
import type { StudentLease, StudentPool, StudentReference } from './student-pool.ts';

/** Why there is no opinion. */
export type NoOpinion =
  /** The request asks for more than a student can give; `obstacle` is the member that does. */
  | { kind: 'unsupported'; obstacle: string }
  /** The task has no student. */
  | { kind: 'none' }
  /** It has one, which couldn't be loaded, failed, or took too long. */
  | { kind: 'failed' };

export type Opinion = { kind: 'opinion'; opinion: StudentAnswer; certificate: boolean } | NoOpinion;

export interface StudentDesk {
  pool: StudentPool;
  /** What of the messages a student reads. */
  inputText: (messages: Message[]) => string;
  /** What a task's texts went through, of one's own, before the student learnt from them. */
  hookOf?: (task: string) => RedactHook | undefined;
  /** How long it may take, milliseconds. */
  timeoutMs: number;
  log: Log;
}

/** Never rejects: whatever is the matter with a student, there is a teacher behind it. */
export async function askStudent(
  desk: StudentDesk,
  { name: task, config }: Pick<Task, 'name' | 'config'>,
  reference: StudentReference | undefined,
  request: JsonObject,
): Promise<Opinion> {
  if (!reference) return { kind: 'none' };
  const obstacle = obstacleFor(request, config);
  if (obstacle !== undefined) return { kind: 'unsupported', obstacle };
  const text = desk.inputText(messagesOf(request));
  if (text.trim() === '') return { kind: 'unsupported', obstacle: 'messages' };
  let read: string;
  try {
    // It learnt from texts as they were stored, so it's asked likewise; its own redaction is its own affair.
    const hook = desk.hookOf?.(task);
    read = hook ? await callHook(hook, text) : text;
  } catch (error) {
    desk.log.error('student_failed', { task, reason: reasonOf(error) });
    return { kind: 'failed' };
  }
  const lease = await desk.pool.lease(task, reference);
  if (!lease) return { kind: 'failed' };
  try {
    const opinion = await answerInTime(lease, read, desk.timeoutMs);
    return { kind: 'opinion', opinion, certificate: lease.student.certificate !== null };
  } catch (error) {
    desk.log.error('student_failed', { task, reason: reasonOf(error) });
    return { kind: 'failed' };
  }
}

class StudentTimeout extends Error {
  override readonly name = 'StudentTimeout';
}

function answerInTime(lease: StudentLease, text: string, timeoutMs: number): Promise<StudentAnswer> {
  const { student, reference } = lease;
  return new Promise((resolve, reject) => {
    const clock = setTimeout(() => reject(new StudentTimeout()), timeoutMs);
    // The lease lasts until the student is really done, or it could be closed while it is still at work.
    Promise.resolve()
      .then(() => student.answer([text]))
      .then(([said]) => {
        // What isn't so could be neither answered with nor written down.
        if (typeof said?.answer !== 'string' || !(said.confidence >= 0 && said.confidence <= 1)) {
          throw new TypeError('A student gave no answer, or a confidence outside 0 … 1.');
        }
        const { answer, confidence, certified } = said;
        resolve({ id: reference.id ?? student.digest, answer, confidence, certified });
      })
      .catch(reject)
      .finally(() => {
        clearTimeout(clock);
        lease.release();
      });
  });
}
