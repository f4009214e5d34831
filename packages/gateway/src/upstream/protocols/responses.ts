/**
 * `/responses` of a provider: OpenAI's newer form, passed through as it is and metered.
 *
 * @module
 */
import { isObject, type JsonObject } from '../../json.ts';
import { replaceMembers } from '../replace-members.ts';
import { ResponseAssembler } from './assemble-response.ts';
import type { Protocol } from './protocol.ts';

export const responsesProtocol: Protocol = {
  endpoint: 'responses',
  // A stream of this form tells its usage unasked.
  requestFor: (text, _request, { model }) => ({
    body: replaceMembers(text, { model: JSON.stringify(model) }),
    stripUsage: false,
  }),
  isAnswer: (body) => body.object === 'response' || Array.isArray(body.output),
  usageOf: ({ usage }) => (isObject(usage) ? chatUsage(usage) : undefined),
  listen: () => new ResponseAssembler(),
};

/** The same figures under the names that chat completions have for them. */
function chatUsage(usage: JsonObject): JsonObject {
  const { input_tokens, output_tokens, total_tokens, input_tokens_details, output_tokens_details } = usage;
  return {
    prompt_tokens: input_tokens,
    completion_tokens: output_tokens,
    total_tokens,
    prompt_tokens_details: input_tokens_details,
    completion_tokens_details: output_tokens_details,
  };
}
