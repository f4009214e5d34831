/**
 * Asks a call's teacher in the background: the same way as for a client, with nobody at the other end.
 *
 * @module
 */
import type { JsonObject } from '../json.ts';
import type { Log } from '../log/log.ts';
import { answerFromTeacher, type TeacherDesk } from '../server/answer-from-teacher.ts';
import type { Client } from '../server/client-connection.ts';
import { OpenCall } from '../server/open-call.ts';
import type { AuditWatch } from '../telemetry/telemetry.ts';
import { chatProtocol } from '../upstream/protocols/chat.ts';
import type { QuietAnswer } from './audit-desk.ts';

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** The task's own teacher, no fallback: a student is held to whom it was taught by. */
export async function askQuietly(
  desk: TeacherDesk,
  { arrival }: OpenCall,
  request: JsonObject,
  signal: AbortSignal,
  { attempt }: Pick<AuditWatch, 'attempt'>,
): Promise<QuietAnswer> {
  const client: Client = {
    signal,
    closed: Promise.resolve(true),
    mustRead: () => {},
    isReading: () => {},
    drop: () => {},
  };
  const [teacher] = arrival.target.teachers;
  const quiet = new OpenCall(
    {
      ...arrival,
      // What is set aside for it is its own: the call's is settled when that is recorded.
      id: auditIdOf(arrival.id),
      ...{ request, text: JSON.stringify(request), client, startedAt: performance.now() },
      target: { ...arrival.target, teachers: [teacher] },
    },
    silent,
    { attempt, end: () => {} },
  );
  await answerFromTeacher(desk, quiet, chatProtocol, { reason: 'route' });
  const { status, response, charge, error, failedBefore } = await quiet.ended;
  const { provider, model } = teacher;
  const more = { ...(error && { error }), ...(failedBefore && { failedBefore }) };
  return { status, response, charge, ...more, provider: provider.name, model };
}

/** Under which the audit of a call sets money aside. */
export function auditIdOf(callId: string): string {
  return `${callId}:audit`;
}
