/**
 * A recorded request and its answer as an example: what the student reads, and what the teacher said.
 *
 * @module
 */
import type { Verdict } from '../decisions/decision.ts';
import type { CallDrawn, Example, Message } from './call.ts';

/** Answers that ended for one of these reasons are not what the teacher meant to say. */
const cutShort = new Set(['length', 'content_filter']);

/**
 * Undefined where there is no whole text answer, or the request holds what is no text (an image): such a call
 * teaches a reader of texts nothing.
 */
export function toExample(
  request: Record<string, unknown>,
  response: Record<string, unknown>,
  call: {
    id: string;
    at: Date;
    provider: string | null;
    model: string | null;
    drawn: CallDrawn | null;
    split: string | null;
    /** What a person decided about it, and the answer that is right where it isn't the teacher's. */
    decided: { verdict: Verdict; at: number; answer: string | null } | null;
  },
): Example | undefined {
  const answer = answerOf(response);
  const messages = messagesOf(request.messages);
  if (answer === undefined || messages === undefined) return undefined;
  const { decided } = call;
  return {
    messages,
    answer: decided?.answer ?? answer,
    id: call.id,
    at: call.at,
    ...(call.split === null ? {} : { split: call.split }),
    extra: {
      provider: call.provider,
      model: call.model,
      ...(call.drawn === null ? {} : { drawn: call.drawn }),
      ...(decided && {
        ...{ decided: decided.verdict, decidedAt: new Date(decided.at).toISOString() },
        teacherAnswer: answer,
      }),
    },
  };
}

function answerOf(response: Record<string, unknown>): string | undefined {
  const { choices } = response;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (!isObject(choice) || !isObject(choice.message)) return undefined;
  if (typeof choice.finish_reason === 'string' && cutShort.has(choice.finish_reason)) return undefined;
  const { content } = choice.message;
  return typeof content === 'string' ? content : undefined;
}

function messagesOf(messages: unknown): Message[] | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  const result: Message[] = [];
  for (const message of messages as unknown[]) {
    if (!isObject(message) || typeof message.role !== 'string') return undefined;
    const content = textOf(message.content);
    if (content === undefined) return undefined;
    result.push({ role: message.role, content });
  }
  return result;
}

/** The text of a message's content: a string, or parts that are all text, joined by line breaks. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  // An assistant that only called a tool says nothing.
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (!isObject(part) || part.type !== 'text' || typeof part.text !== 'string') return undefined;
    texts.push(part.text);
  }
  return texts.join('\n');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
