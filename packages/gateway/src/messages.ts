/**
 * The words of a chat request.
 *
 * @module
 */
import { contentText } from '@kolben/distill';
import type { Message } from '@kolben/store';
import { isObject, type JsonObject } from './json.ts';

/** The messages of a request as a student reads them, each with its text. */
export function messagesOf(request: JsonObject): Message[] {
  return messageObjects(request).map((message) => ({
    role: typeof message.role === 'string' ? message.role : '',
    content: contentText(message.content) ?? '',
  }));
}

/** Characters (UTF-16 units) of all messages, the system's too: the teacher is paid for reading them all. */
export function promptCharacters(request: JsonObject): number {
  return messageObjects(request).reduce((sum, message) => sum + textLength(message.content), 0);
}

function messageObjects(request: JsonObject): JsonObject[] {
  return Array.isArray(request.messages) ? request.messages.filter(isObject) : [];
}

/** Of a content's text alone: parts that are no text (images) are passed over. */
function textLength(content: unknown): number {
  if (typeof content === 'string') return content.length;
  if (!Array.isArray(content)) return 0;
  return content
    .filter(isObject)
    .reduce(
      (sum, part) => sum + (part.type === 'text' && typeof part.text === 'string' ? part.text.length : 0),
      0,
    );
}

/** Characters of all answers in a chat completion. */
export function answerCharacters(completion: JsonObject | null): number {
  return charactersIn(completion, (message) => textLength(message.content));
}

/** Characters of everything a teacher wrote: answers, reasoning that it shows, tool calls. */
export function writtenCharacters(completion: JsonObject | null): number {
  return charactersIn(completion, (message) => {
    const thoughts = [message.reasoning_content, message.reasoning, message.refusal];
    const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : [];
    const arguments_ = calls.map((call) => (isObject(call.function) ? call.function.arguments : undefined));
    const content = Array.isArray(message.content) ? JSON.stringify(message.content) : message.content;
    return [content, ...thoughts, ...arguments_].reduce<number>(
      (sum, text) => sum + (typeof text === 'string' ? text.length : 0),
      0,
    );
  });
}

function charactersIn(completion: JsonObject | null, count: (message: JsonObject) => number): number {
  if (!Array.isArray(completion?.choices)) return 0;
  return completion.choices
    .filter(isObject)
    .reduce((sum, choice) => sum + (isObject(choice.message) ? count(choice.message) : 0), 0);
}
