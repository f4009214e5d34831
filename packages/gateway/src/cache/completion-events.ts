/**
 * A whole chat completion as the stream that would have told it.
 *
 * @module
 */
import { isObject, type JsonObject } from '../json.ts';

/** Server-sent events: role, message, finish of each choice, usage where it was asked for, `[DONE]`. */
export function completionEvents(completion: JsonObject, includeUsage: boolean): string {
  const { choices, usage, object: _object, ...top } = completion;
  const chunk = (chunkChoices: JsonObject[], chunkUsage: unknown) => ({
    ...top,
    object: 'chat.completion.chunk',
    choices: chunkChoices,
    ...(includeUsage ? { usage: chunkUsage } : {}),
  });
  const chunks = (Array.isArray(choices) ? choices.filter(isObject) : []).flatMap((choice) => {
    const { index = 0, message, logprobs = null, finish_reason, ...rest } = choice;
    const { role = 'assistant', content = null, tool_calls, ...members } = isObject(message) ? message : {};
    const calls = Array.isArray(tool_calls)
      ? { tool_calls: tool_calls.map((call, place) => (isObject(call) ? { ...call, index: place } : call)) }
      : {};
    const said = content === null ? {} : { content };
    const part = (delta: JsonObject, more: JsonObject) => ({
      index,
      delta,
      logprobs: null,
      finish_reason: null,
      ...more,
    });
    return [
      chunk([part({ role, content: typeof content === 'string' ? '' : null }, rest)], null),
      chunk([part({ ...members, ...said, ...calls }, { logprobs })], null),
      chunk([part({}, { finish_reason: finish_reason ?? null })], null),
    ];
  });
  if (includeUsage && usage != null) chunks.push(chunk([], usage));
  return `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`;
}
