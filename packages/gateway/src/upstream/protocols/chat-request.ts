/**
 * The client's chat request as the teacher gets it.
 *
 * @module
 */
import { isObject, type JsonObject } from '../../json.ts';
import type { Teacher } from '../provider.ts';
import { carryReasoning } from '../reasoning.ts';
import { replaceMembers } from '../replace-members.ts';
import type { TeacherRequest } from './protocol.ts';

/**
 * The text of the request with the teacher's model in it; nothing else is touched, unless usage must be asked for or the
 * provider wants reasoning of earlier turns otherwise.
 *
 * A stream tells its usage only when asked, and without it there is no ledger. So it is asked for in every streamed
 * call of a provider that takes the question (`streamUsage: 'ask'`).
 *
 * @param text the body as the client wrote it; `request` is what it says
 */
export function chatRequest(
  text: string,
  request: JsonObject,
  { provider, model }: Teacher,
  first: Teacher,
): TeacherRequest {
  const members: Record<string, string> = { model: JSON.stringify(model) };
  const options = isObject(request.stream_options) ? request.stream_options : {};
  const stripUsage = provider.askForUsage && request.stream === true && options.include_usage !== true;
  if (stripUsage) members.stream_options = JSON.stringify({ ...options, include_usage: true });
  // Nothing is known of what a fallback does with reasoning: it might refuse what the teacher asks to have back.
  const unknown = first.provider.reasoning && ({ turns: 'none' } as const);
  const reasoning = provider.reasoning ?? (provider === first.provider ? undefined : unknown);
  const messages = reasoning && carryReasoning(request.messages, reasoning);
  if (messages) members.messages = JSON.stringify(messages);
  return { body: replaceMembers(text, members), stripUsage };
}
