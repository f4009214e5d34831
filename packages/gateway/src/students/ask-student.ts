/**
 * Asks a task's student for its opinion of a request.
 *
 * @module
 */
import type { Calibrated } from '@kolben/distill';
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

/** What a student said, and what may be asked about it later, when it answers no more calls itself. */
export interface StudentWord extends StudentAnswer {
  /** Of its folder. */
  digest: string;
  /** What its calibration split looked like, where it tells. */
  calibrated: Calibrated | undefined;
  /** The risk that its certificate speaks of; 1 where it has none. */
  alpha: number;
  /** Whether it says what the teacher's answer says; null where that can't be told. */
  agrees(teacher: string): boolean | null;
  /** The share of the text's words and n-grams that the student doesn't know; null where it can't tell. Never rejects. */
  unknown(): Promise<number | null>;
}

export type Opinion = { kind: 'opinion'; opinion: StudentWord; certificate: boolean } | NoOpinion;

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
  const written = desk.inputText(messagesOf(request));
  if (written.trim() === '') return { kind: 'unsupported', obstacle: 'messages' };
  let text: string;
  try {
    // It learnt from texts as they were stored, so it's asked likewise; its own redaction is its own affair.
    const hook = desk.hookOf?.(task);
    text = hook ? await callHook(hook, written) : written;
  } catch (error) {
    desk.log.error('student_failed', { task, reason: reasonOf(error) });
    return { kind: 'failed' };
  }
  const lease = await desk.pool.lease(task, reference);
  if (!lease) return { kind: 'failed' };
  try {
    const said = await answerInTime(lease, text, desk.timeoutMs);
    const { student } = lease;
    const opinion: StudentWord = {
      ...said,
      digest: student.digest,
      calibrated: student.calibrated,
      alpha: student.certificate?.alpha ?? 1,
      agrees: (teacher) => {
        try {
          return student.agrees(teacher, said.answer, config.equality);
        } catch (error) {
          desk.log.warn('answers_not_compared', { task, reason: reasonOf(error) });
          return null;
        }
      },
      unknown: () => unknownOf(desk, task, { reference, digest: student.digest }, text),
    };
    return { kind: 'opinion', opinion, certificate: lease.student.certificate !== null };
  } catch (error) {
    desk.log.error('student_failed', { task, reason: reasonOf(error) });
    return { kind: 'failed' };
  }
}

/** With a lease of its own: the call's ended with its answer. */
async function unknownOf(
  desk: StudentDesk,
  task: string,
  { reference, digest }: { reference: StudentReference; digest: string },
  text: string,
): Promise<number | null> {
  const lease = await desk.pool.lease(task, reference);
  if (!lease) return null;
  try {
    // Another one may have taken its place meanwhile.
    if (lease.student.digest !== digest) return null;
    const [share] = (await lease.student.unknownGrams?.([text])) ?? [];
    return share ?? null;
  } catch (error) {
    desk.log.warn('unknown_not_counted', { task, reason: reasonOf(error) });
    return null;
  } finally {
    lease.release();
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
    lease
      .ask(text)
      .then(({ answer, confidence, certified }) => {
        resolve({ id: reference.id ?? student.digest, answer, confidence, certified });
      })
      .catch(reject)
      .finally(() => {
        clearTimeout(clock);
        lease.release();
      });
  });
}
