/**
 * A student's answer in the form of a chat completion, whole and streamed.
 *
 * @module
 */
import type { JsonObject } from '../json.ts';
import type { Tokens } from '../ledger/usage.ts';

export interface StudentCompletion {
  /** `chatcmpl-…` */
  id: string;
  /** Unix seconds. */
  created: number;
  /** `kolben/<task>` */
  model: string;
  answer: string;
  /** Estimated: what the teacher would have counted. */
  tokens: Tokens;
}

/** The whole completion. */
export function studentCompletion(from: StudentCompletion): JsonObject {
  return {
    id: from.id,
    object: 'chat.completion',
    created: from.created,
    model: from.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: from.answer, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: usageOf(from.tokens),
  };
}

/** The same as a stream of server-sent events: role, content, finish, usage where it was asked for, `[DONE]`. */
export function studentEvents(from: StudentCompletion, includeUsage: boolean): string {
  const chunk = (choices: JsonObject[], usage: JsonObject | null) => ({
    id: from.id,
    object: 'chat.completion.chunk',
    created: from.created,
    model: from.model,
    choices,
    ...(includeUsage ? { usage } : {}),
  });
  const choice = (delta: JsonObject, finish: string | null) => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finish,
  });
  const chunks = [
    chunk([choice({ role: 'assistant', content: '', refusal: null }, null)], null),
    chunk([choice({ content: from.answer }, null)], null),
    chunk([choice({}, 'stop')], null),
    ...(includeUsage ? [chunk([], usageOf(from.tokens))] : []),
  ];
  return `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`;
}

function usageOf(tokens: Tokens): JsonObject {
  return {
    prompt_tokens: tokens.promptTokens,
    completion_tokens: tokens.completionTokens,
    total_tokens: tokens.promptTokens + tokens.completionTokens,
  };
}
