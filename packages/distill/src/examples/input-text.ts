/**
 * What the student reads of a chat.
 *
 * The same function serves training and answering, so that a student is asked exactly as it was taught.
 *
 * @module
 */
import type { Message } from '@kolben/store';

/** Roles whose messages say what the task is, not what the case is: the same in every call of a task. */
const INSTRUCTING: ReadonlySet<string> = new Set(['system', 'developer']);

/**
 * The contents, joined by '\n', of all messages but the instructing ones (`system`, `developer`) and, should
 * the chat end with it, the assistant's final answer. Earlier answers of the assistant are part of the case.
 */
export function inputText(messages: readonly Message[]): string {
  const end = messages.at(-1)?.role === 'assistant' ? messages.length - 1 : messages.length;
  return messages
    .slice(0, end)
    .filter((message) => !INSTRUCTING.has(message.role))
    .map((message) => message.content)
    .join('\n');
}

/** Whether there is any message the student would read. */
export function hasInput(messages: readonly Message[]): boolean {
  return messages.some((message) => !INSTRUCTING.has(message.role));
}
