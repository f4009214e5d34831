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

/**
 * Characters (UTF-16 units) of all messages, the system's too: the teacher is paid for reading them all. Of requests of the
 * other endpoints it is their `input` and `instructions`.
 */
export function promptCharacters(request: JsonObject): number {
  const chat = messageObjects(request).reduce((sum, message) => sum + textLength(message.content), 0);
  const instructions = typeof request.instructions === 'string' ? request.instructions.length : 0;
  return chat + instructions + inputLength(request.input);
}

/** Of a text, of texts, of items with content; tokens in place of texts count as four characters each. */
function inputLength(input: unknown): number {
  if (typeof input === 'string') return input.length;
  if (typeof input === 'number') return 4;
  if (Array.isArray(input)) return input.reduce<number>((sum, each) => sum + inputLength(each), 0);
  if (!isObject(input)) return 0;
  return [input.text, input.content, input.summary, input.output, input.arguments].reduce<number>(
    (sum, each) => sum + (typeof each === 'string' || Array.isArray(each) ? inputLength(each) : 0),
    0,
  );
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
  // A response, whose items have the form of its input.
  if (Array.isArray(completion?.output)) return inputLength(completion.output);
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
