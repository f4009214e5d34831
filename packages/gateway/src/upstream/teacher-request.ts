/**
 * The client's request as the teacher gets it.
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';
import { replaceMembers } from './replace-members.ts';

export interface TeacherRequest {
  /** The body to send. */
  body: string;
  /** The gateway asked for the usage of a stream, the client didn't: the chunk that tells it is taken out again. */
  stripUsage: boolean;
}

/**
 * The text of the request with the teacher's model in it; nothing else is touched, unless usage must be asked for.
 *
 * A stream tells its usage only when asked, and without it there is no ledger. So it is asked for in every streamed
 * call of a provider that takes the question (`streamUsage: 'ask'`).
 *
 * @param text the body as the client wrote it; `request` is what it says
 */
export function teacherRequest(
  text: string,
  request: JsonObject,
  model: string,
  askForUsage: boolean,
): TeacherRequest {
  const members: Record<string, string> = { model: JSON.stringify(model) };
  const options = isObject(request.stream_options) ? request.stream_options : {};
  const stripUsage = askForUsage && request.stream === true && options.include_usage !== true;
  if (stripUsage) members.stream_options = JSON.stringify({ ...options, include_usage: true });
  return { body: replaceMembers(text, members), stripUsage };
}
