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
import type { QuietAnswer } from './audit-desk.ts';

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

export async function askQuietly(
  desk: TeacherDesk,
  { arrival }: OpenCall,
  request: JsonObject,
  signal: AbortSignal,
): Promise<QuietAnswer> {
  const client: Client = {
    signal,
    closed: Promise.resolve(true),
    mustRead: () => {},
    isReading: () => {},
    drop: () => {},
  };
  const quiet = new OpenCall(
    { ...arrival, request, text: JSON.stringify(request), client, startedAt: performance.now() },
    silent,
  );
  await answerFromTeacher(desk, quiet, { reason: 'route' });
  const { status, response, charge, error } = await quiet.ended;
  const { provider, model } = arrival.task.teacher;
  return { status, response, charge, ...(error && { error }), provider: provider.name, model };
}
